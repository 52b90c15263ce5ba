/** Moves the process's own clock by CRASH_DATE_SHIFT_MS. Import it before anything that may read the time. */
const shiftMs = Number(process.env['CRASH_DATE_SHIFT_MS'] ?? 0)
const TrueDate = globalThis.Date

class ShiftedDate extends TrueDate {
  constructor(...given: [] | [value: number | string]) {
    const [value] = given
    super(value ?? ShiftedDate.now())
  }

  static override now(): number {
    return TrueDate.now() + shiftMs
  }
}

if (shiftMs !== 0) globalThis.Date = ShiftedDate as DateConstructor

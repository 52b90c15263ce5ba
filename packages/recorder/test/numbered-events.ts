import type { OutgoingEvent } from '../src/outgoing-event.ts'
import type { Spool } from '../src/spool.ts'

/** The event of a number; the first 48 bits of its id are its time. */
export function numbered(number: number, padding = 0): OutgoingEvent {
  const timestampMs = 1_800_000_000_000 + number
  const hex = timestampMs.toString(16).padStart(12, '0')
  const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(number).padStart(12, '0')}`
  return {
    id,
    timestampMs,
    json: JSON.stringify({ id, number, ...(padding > 0 ? { text: 'x'.repeat(padding) } : {}) }),
  }
}

/** The events of the numbers from `first` to `last`. */
export const fromTo = (first: number, last: number): readonly OutgoingEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => numbered(first + index))

/** The number of an event. */
export const numberOf = ({ id }: OutgoingEvent): number => Number(id.slice(-12))

/** The numbers of all events that the spool hands out, which are settled. */
export async function drain(spool: Spool, maxEvents = 100): Promise<readonly number[]> {
  const numbers: number[] = []
  for (let batch = await spool.next(maxEvents); batch; batch = await spool.next(maxEvents)) {
    numbers.push(...batch.events.map(numberOf))
    await batch.settle()
  }
  return numbers
}

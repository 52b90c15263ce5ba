/**
 * A `pg_snapshot`: which transactions had ended when it was taken. The ids are 64 bits wide and are numbers:
 * as text, 1000 would come before 999.
 */
export interface Snapshot {
  /** The oldest transaction that was in progress. */
  readonly xmin: bigint
  /** No transaction from this one on had ended. */
  readonly xmax: bigint
  /** Those between the two that were in progress. */
  readonly inProgress: readonly bigint[]
}

/** Before any transaction: nothing had ended. */
export const beforeEverything = '1:1:'

/** Reads PostgreSQL's text of a snapshot, such as `999:1002:999,1001`. Null for any other text. */
export function parseSnapshot(text: string): Snapshot | null {
  const match = /^(\d{1,19}):(\d{1,19}):((?:\d{1,19}(?:,\d{1,19})*)?)$/.exec(text)
  if (!match) return null
  const [, xmin = '', xmax = '', list = ''] = match
  const snapshot = {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    inProgress: list === '' ? [] : list.split(',').map(BigInt),
  }
  return isConsistent(snapshot) ? snapshot : null
}

/** Whether everything that had ended at `earlier` had ended at `later`, as far as their bounds tell. */
export const isNotBefore = (later: Snapshot, earlier: Snapshot): boolean => later.xmax >= earlier.xmax

function isConsistent({ xmin, xmax, inProgress }: Snapshot): boolean {
  return (
    xmin > 0n &&
    xmin <= xmax &&
    inProgress.every((id, index) => id >= xmin && id < xmax && id > (inProgress[index - 1] ?? 0n))
  )
}

import type { Json } from '../canonical-json.ts'
import type { SealedRecord } from '../leaf/sealed-record.ts'
import type { RunEvent, RunRecord } from '../run/run-record.ts'
import type { PackContent } from './pack-content.ts'

/** The record of the execution in a pack, its events as they were sealed; null where only events name it. */
export function runOfPack({ run, definition, events }: PackContent): RunRecord | null {
  if (run === null) return null
  const numbered = events
    .map(({ record }) => runEventOf(record))
    .filter((event): event is RunEvent => typeof event.execution_seq === 'number')
    .toSorted((one, other) => one.execution_seq - other.execution_seq)
  return { ...run, definition, events: numbered }
}

function runEventOf({
  envelope,
  body,
}: SealedRecord): Omit<RunEvent, 'execution_seq'> & { execution_seq: unknown } {
  const details = body?.details
  return {
    ...(envelope as unknown as RunEvent),
    details: isObject(details) ? details : {},
    is_erased: body === null,
  }
}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

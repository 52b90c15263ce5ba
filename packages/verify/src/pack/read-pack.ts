import { textOfUtf8 } from '../bytes/bytes.ts'
import { isUuid } from '../bytes/hex.ts'
import type { PackDefect } from '../defect.ts'
import { bodyColumns, envelopeColumns, type SealedRecord } from '../leaf/sealed-record.ts'
import {
  jsonIn,
  logFiles,
  type PackContent,
  type PackedEvent,
  type PackedLog,
  packFiles,
  proofFile,
} from './pack-content.ts'
import type { ZipFile } from './zip.ts'

/** The content of a pack from its files, of which nothing is verified yet; or which of them cannot be read. */
export function readPack(files: readonly ZipFile[]): PackContent | PackDefect {
  const contents = new Map(files.map(({ name, content }) => [name, content]))
  const textIn = (name: string): string | null => textOfUtf8(contents.get(name) ?? new Uint8Array())
  const run = jsonIn(contents.get(packFiles.run) ?? new Uint8Array())
  if (!isObject(run) || typeof run['executionId'] !== 'string') return unreadable(packFiles.run)
  if (run['run'] !== null && !isRun(run['run'])) return unreadable(packFiles.run)
  const definition = jsonIn(contents.get(packFiles.definition) ?? new Uint8Array())
  if (definition !== null && !isDefinition(definition)) return unreadable(packFiles.definition)
  const events = eventsIn(textIn(packFiles.events) ?? '', (event) => textIn(proofFile(event)) ?? '')
  if (events === null) return unreadable(packFiles.events)
  return {
    executionId: run['executionId'],
    run: run['run'] as PackContent['run'],
    definition: definition as PackContent['definition'],
    events,
    logs: logsIn(textIn),
  }
}

function logsIn(textIn: (name: string) => string | null): readonly PackedLog[] {
  const logs: PackedLog[] = []
  for (;;) {
    const names = logFiles(logs.length)
    const checkpoint = textIn(names.checkpoint) ?? ''
    if (checkpoint === '' && logs.length > 0) return logs
    logs.push({ checkpoint, vkey: (textIn(names.vkey) ?? '').trimEnd() })
  }
}

const unreadable = (file: string): PackDefect => ({
  kind: 'pack_unreadable',
  file,
  problem: 'does not hold what an evidence pack has there',
})

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isNumber: Check = (value) => typeof value === 'number'
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((one: unknown) => check(one))

/** An object that has these members; it may have others, which nothing is made of. */
const isWith =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(members).every(([name, check]) => Object.hasOwn(value, name) && check(value[name]))

/** As far as checks rely on it; what the values say is for them to find out. */
const isRun = isWith({
  execution: isWith({
    execution_id: isText,
    engine: isText,
    status: isText,
    definition_hash: isText,
    next_seq: isNumber,
  }),
  steps: isListOf(
    isWith({
      workflow_step_uuid: isText,
      name: isText,
      operation_type: isText,
      status: isText,
      attempt: isNumber,
      last_sort_key: isNumber,
    }),
  ),
  transitions: isListOf(
    isWith({
      workflow_step_transition_uuid: isText,
      workflow_step_uuid: isText,
      from_state: orNull(isText),
      to_state: isText,
      sort_key: isNumber,
      metadata: isObject,
    }),
  ),
  audits: isListOf(
    isWith({
      workflow_step_transition_uuid: isText,
      workflow_step_uuid: isText,
      task_uuid: isText,
      worker_uuid: orNull(isText),
    }),
  ),
})

const isDefinition = isWith({
  steps: isListOf(isWith({ name: isText, after: isListOf(isText), retry: isWith({ maxRetries: isNumber }) })),
})

function eventsIn(
  lines: string,
  proofOf: (event: Pick<PackedEvent, 'log' | 'index'>) => string,
): readonly PackedEvent[] | null {
  const events: PackedEvent[] = []
  for (const line of lines.split('\n').slice(0, -1)) {
    const value = jsonIn(new TextEncoder().encode(line))
    if (!isObject(value) || !isPlace(value['log']) || !isPlace(value['index']) || !isRecord(value))
      return null
    const { log, index, ...record } = value
    const place = { log: log as number, index: index as number }
    events.push({ ...place, record: record as unknown as SealedRecord, proof: proofOf(place) })
  }
  return events
}

const isPlace = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** Nothing but what the proof is made of: a member beside it would look as if it was proven. */
function isRecord(value: Readonly<Record<string, unknown>>): boolean {
  const { envelope, body, salt, envelopeKey, bodyHash } = value
  if (!hasExactly(envelope, envelopeColumns) || !Object.values(envelope).every(isColumn)) return false
  if (body === null)
    return (
      hasExactly(value, [...common, 'envelopeKey', 'bodyHash']) &&
      isUuid(envelopeKey) &&
      typeof bodyHash === 'string' &&
      /^[0-9a-f]{64}$/.test(bodyHash)
    )
  if (!hasExactly(value, [...common, 'salt']) || !hasExactly(body, bodyColumns) || !isUuid(salt)) return false
  const { details: _, ...texts } = body
  return Object.values(texts).every(orNull(isText))
}

const isColumn = orNull((value) => isText(value) || isNumber(value))

const common = ['log', 'index', 'envelope', 'body']

const hasExactly = (value: unknown, columns: readonly string[]): value is Readonly<Record<string, unknown>> =>
  isObject(value) &&
  Object.keys(value).length === columns.length &&
  columns.every((column) => Object.hasOwn(value, column))

import { textOfUtf8 } from '../bytes/bytes.ts'
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

const isListOfObjects = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => isObject(one))

/** As far as checks rely on it; what the values say is for them to find out. */
const isRun = (value: unknown): boolean =>
  isObject(value) &&
  isObject(value['execution']) &&
  [value['steps'], value['audits']].every(isListOfObjects) &&
  Array.isArray(value['transitions']) &&
  value['transitions'].every((one: unknown) => isObject(one) && isObject(one['metadata']))

const isDefinition = (value: unknown): boolean =>
  isObject(value) &&
  Array.isArray(value['steps']) &&
  value['steps'].every(
    (step: unknown) => isObject(step) && Array.isArray(step['after']) && isObject(step['retry']),
  )

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

function isRecord(value: Readonly<Record<string, unknown>>): boolean {
  const { envelope, body, salt, envelopeKey, bodyHash } = value
  if (!hasExactly(envelope, envelopeColumns)) return false
  if (body === null)
    return isUuid(envelopeKey) && typeof bodyHash === 'string' && /^[0-9a-f]{64}$/.test(bodyHash)
  return hasExactly(body, bodyColumns) && isUuid(salt)
}

const hasExactly = (value: unknown, columns: readonly string[]): boolean =>
  isObject(value) &&
  Object.keys(value).length === columns.length &&
  columns.every((column) => column in value)

const isUuid = (value: unknown): boolean =>
  typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)

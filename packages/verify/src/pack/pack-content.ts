import { textOfUtf8, utf8 } from '../bytes/bytes.ts'
import { hexOf } from '../bytes/hex.ts'
import { canonicalJson, type Json } from '../canonical-json.ts'
import type { Sha256 } from '../hash/sha256.ts'
import type { SealedRecord } from '../leaf/sealed-record.ts'
import type { RunRecord } from '../run/run-record.ts'
import { evidenceReport } from './report.ts'
import { writeZip, type ZipFile } from './zip.ts'

/** An event in a pack: what the log commits to, where in the log it is, and the proof of it. */
export interface PackedEvent {
  /** Which of the pack's logs has it: 0 is the first. */
  readonly log: number
  readonly index: number
  readonly record: SealedRecord
  /** A C2SP tlog-proof. */
  readonly proof: string
}

/** A log that has events of a pack: mostly there is one, and another for each restart between two events. */
export interface PackedLog {
  /** The signed checkpoint that the proofs lead to. */
  readonly checkpoint: string
  /** The key that signed it, as a vkey: for who has none from elsewhere. */
  readonly vkey: string
}

/** What an evidence pack holds. */
export interface PackContent {
  readonly executionId: string
  /** The execution as it stands, without its events and its definition; null where only events name it. */
  readonly run: Omit<RunRecord, 'events' | 'definition'> | null
  readonly definition: RunRecord['definition']
  /** Every event that names the execution, in the order of the logs. */
  readonly events: readonly PackedEvent[]
  /** The earliest first. */
  readonly logs: readonly PackedLog[]
}

/** The version of the form of packs. */
const packVersion = 1

/** The files of a pack that there is one of. */
export const packFiles = {
  manifest: 'manifest.json',
  report: 'report.html',
  run: 'run.json',
  definition: 'definition.json',
  events: 'events.jsonl',
} as const

/** The files of a log: those of the second and later ones have its number in their names. */
export const logFiles = (log: number) => {
  const number = log === 0 ? '' : `-${log + 1}`
  return { checkpoint: `checkpoint${number}.txt`, vkey: `log${number}.vkey`, proofs: `proofs${number}` }
}

/** The file of an event's proof. */
export const proofFile = ({ log, index }: Pick<PackedEvent, 'log' | 'index'>): string =>
  `${logFiles(log).proofs}/${index}.tlog-proof`

/** A pack as one file. The same content gives the same bytes. */
export function writePack(content: PackContent, sha256: Sha256): Uint8Array<ArrayBuffer> {
  const files = filesOf(content)
  return writeZip([...files, manifestOf(files, sha256)])
}

/** Its files but for the manifest. */
export function filesOf(content: PackContent): readonly ZipFile[] {
  const file = (name: string, text: string): ZipFile => ({ name, content: utf8(text) })
  const { executionId, run, definition, events, logs } = content
  return [
    file(packFiles.report, evidenceReport(content)),
    ...logs.flatMap(({ checkpoint, vkey }, log) => [
      file(logFiles(log).checkpoint, checkpoint),
      file(logFiles(log).vkey, `${vkey}\n`),
    ]),
    file(packFiles.run, `${canonicalJson({ executionId, run } as unknown as Json)}\n`),
    file(packFiles.definition, `${canonicalJson(definition)}\n`),
    file(packFiles.events, events.map((event) => `${eventLine(event)}\n`).join('')),
    ...events.map((event) => file(proofFile(event), event.proof)),
  ]
}

const eventLine = ({ log, index, record }: PackedEvent): string => canonicalJson({ log, index, ...record })

/** The list of all other files with their digests. */
export function manifestOf(files: readonly ZipFile[], sha256: Sha256): ZipFile {
  const digests = Object.fromEntries(files.map(({ name, content }) => [name, hexOf(sha256(content))]))
  const manifest = canonicalJson({ format: 'steptrail-evidence', v: packVersion, files: digests })
  return { name: packFiles.manifest, content: utf8(`${manifest}\n`) }
}

/** The JSON value of a file; undefined for what is none. */
export function jsonIn(content: Uint8Array): unknown {
  const text = textOfUtf8(content)
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

import { equalBytes, textOfUtf8 } from '../bytes/bytes.ts'
import { CanonicalJsonError } from '../canonical-json.ts'
import type { Defect, PackDefect } from '../defect.ts'
import type { Sha256 } from '../hash/sha256.ts'
import { commitmentsOf, entryOf } from '../leaf/leaf.ts'
import type { Checkpoint } from '../note/checkpoint.ts'
import type { SignedBy } from '../note/signed-note.ts'
import { parseTlogProof, tlogProofText } from '../note/tlog-proof.ts'
import { keyOfType, parseVkey, type VerifierKey, vkeyOf } from '../note/verifier-key.ts'
import { verifyCheckpoint } from '../note/verify-checkpoint.ts'
import { checkRun } from '../run/check-run.ts'
import { verifyInclusion } from '../tree/proof.ts'
import { treeHash } from '../tree/tree-hash.ts'
import {
  filesOf,
  logFiles,
  manifestOf,
  type PackContent,
  type PackedLog,
  packFiles,
  proofFile,
} from './pack-content.ts'
import { readPack } from './read-pack.ts'
import { runOfPack } from './run-of-pack.ts'
import { readZip, type ZipFile } from './zip.ts'

/** What an evidence pack is worth. */
export type PackVerdict =
  | {
      readonly ok: true
      readonly executionId: string
      readonly events: number
      readonly origin: string
      /** Entries of the log that the checkpoint covers. */
      readonly size: number
      /** ISO 8601, by the log's own words; null when it does not say. */
      readonly signedAt: string | null
      readonly signedBy: readonly string[]
      /** Logs before the last, where it was restarted while the execution went on; `origin` and what follows tell of the last. */
      readonly earlierLogs: readonly { readonly origin: string; readonly size: number }[]
      /** `pack`: the key came with the pack, so it proves that the pack is of one piece, and not whose it is. */
      readonly keyFrom: 'given' | 'pack'
      /** Whether the execution has ended; null where only events name it. */
      readonly hasEnded: boolean | null
    }
  | { readonly ok: false; readonly defect: Defect }

/**
 * Verifies an evidence pack, without a network: its files are those of its manifest, its checkpoint is signed, every
 * event is in the log, and the execution is complete and conforms to its definition. Give the keys that are trusted;
 * without any, the one in the pack is believed, and the verdict says so.
 */
export async function verifyPack(
  bytes: Uint8Array,
  keys: readonly VerifierKey[],
  sha256: Sha256,
): Promise<PackVerdict> {
  try {
    return await verifyFiles(readZip(bytes), keys, sha256)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    return defective(broken('the file', `holds what is no canonical JSON: ${error.message}`))
  }
}

async function verifyFiles(
  files: readonly ZipFile[] | null,
  keys: readonly VerifierKey[],
  sha256: Sha256,
): Promise<PackVerdict> {
  if (files === null) return defective(broken('the file', 'is no evidence pack, or was altered'))
  const listed = manifestProblem(files, sha256)
  if (listed) return defective(listed)
  const content = readPack(files)
  if ('kind' in content) return defective(content)
  const remade = remadeProblem(files, content)
  if (remade) return defective(remade)
  return await verifyContent(content, keys, sha256)
}

const defective = (defect: Defect): PackVerdict => ({ ok: false, defect })

const broken = (file: string, problem: string, kind: PackDefect['kind'] = 'pack_unreadable'): PackDefect => ({
  kind,
  file,
  problem,
})

/** The manifest names every other file, with its digest, and says nothing else. */
function manifestProblem(files: readonly ZipFile[], sha256: Sha256): PackDefect | null {
  const manifest = files.find(({ name }) => name === packFiles.manifest)
  if (manifest === undefined) return broken(packFiles.manifest, 'is missing', 'pack_file_missing')
  const others = files.filter((file) => file !== manifest)
  if (equalBytes(manifestOf(others, sha256).content, manifest.content)) return null
  const listed = digestsIn(manifest)
  if (listed === null) return broken(packFiles.manifest, 'is no manifest of a version that is known')
  const found = digestsIn(manifestOf(others, sha256)) ?? {}
  const missing = Object.keys(listed).find((name) => !(name in found))
  if (missing !== undefined) return broken(missing, 'is missing', 'pack_file_missing')
  const unlisted = Object.keys(found).find((name) => !(name in listed))
  if (unlisted !== undefined) return broken(unlisted, 'is not in the manifest', 'pack_file_unlisted')
  const altered = Object.keys(listed).find((name) => listed[name] !== found[name])
  return altered === undefined
    ? broken(packFiles.manifest, 'was altered', 'pack_file_altered')
    : broken(altered, 'is not what the manifest has the digest of', 'pack_file_altered')
}

function digestsIn({ content }: ZipFile): Readonly<Record<string, unknown>> | null {
  const match = /^\{"files":(\{[^{}]*\}),"format":"steptrail-evidence","v":1\}\n$/.exec(
    textOfUtf8(content) ?? '',
  )
  if (match === null) return null
  try {
    return JSON.parse(match[1] ?? '') as Readonly<Record<string, unknown>>
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Each file, the report too, is the one that its content makes, and there is no other; the manifest is the last. */
function remadeProblem(files: readonly ZipFile[], content: PackContent): PackDefect | null {
  const remade = [...filesOf(content), files.find(({ name }) => name === packFiles.manifest)]
  for (const [place, file] of remade.entries()) {
    const found = files[place]
    if (file && found?.name === file.name && equalBytes(found.content, file.content)) continue
    const name = found?.name ?? file?.name ?? packFiles.manifest
    return broken(name, 'does not say what the rest of the pack says', 'pack_file_altered')
  }
  const other = files[remade.length]
  return other ? broken(other.name, 'belongs to no evidence pack', 'pack_file_altered') : null
}

async function verifyContent(
  content: PackContent,
  keys: readonly VerifierKey[],
  sha256: Sha256,
): Promise<PackVerdict> {
  const logs: VerifiedLog[] = []
  for (const [place, log] of content.logs.entries()) {
    const verified = await verifyLog(log, place, keys)
    if ('kind' in verified) return defective(verified)
    logs.push(verified)
  }
  const checkpoints = logs.map(({ checkpoint }) => checkpoint)
  const unproven = proofProblem(content, checkpoints, sha256)
  if (unproven) return defective(unproven)
  const beside = besideTheRun(content)
  if (beside) return defective(beside)
  const run = runOfPack(content)
  const checked = run && checkRun(run, sha256)
  if (checked && !checked.ok) return defective(checked.defect)
  const last = logs.at(-1)
  return {
    ok: true,
    executionId: content.executionId,
    events: content.events.length,
    origin: last?.checkpoint.origin ?? '',
    size: last?.checkpoint.size ?? 0,
    ...signers(last?.signedBy ?? []),
    earlierLogs: checkpoints.slice(0, -1).map(({ origin, size }) => ({ origin, size })),
    keyFrom: keys.length > 0 ? 'given' : 'pack',
    hasEnded: checked?.hasEnded ?? null,
  }
}

/**
 * Without the execution itself there is nothing to compare events with, and nothing that vouches for a definition. Only an
 * execution's own events have numbers, so where there are any, it was left out.
 */
function besideTheRun({ executionId, run, definition, events }: PackContent): Defect | null {
  if (run === null && definition !== null)
    return broken(packFiles.definition, 'is of an execution that is not in the pack', 'pack_file_altered')
  if (run !== null)
    return run.execution.execution_id === executionId
      ? null
      : broken(packFiles.run, 'is of another execution', 'pack_file_altered')
  const numbered = events.find(({ record }) => record.envelope.execution_seq !== null)
  if (numbered === undefined) return null
  const { execution_seq: number, event_type: type } = numbered.record.envelope
  const problem = `event ${number} ${type} is of it, and it is not in the pack with its steps`
  return { kind: 'run_incomplete', executionId, problem }
}

interface VerifiedLog {
  readonly checkpoint: Checkpoint
  readonly signedBy: readonly SignedBy[]
}

/** The checkpoint of a log, if a key that is trusted signed it. */
async function verifyLog(
  log: PackedLog,
  place: number,
  keys: readonly VerifierKey[],
): Promise<VerifiedLog | Defect> {
  const own = parseVkey(log.vkey)
  if (own === null) return broken(logFiles(place).vkey, 'is no key')
  const { checkpoint } = log
  const trusted = keys.length > 0 ? keys : [own]
  const verdict = await verifyCheckpoint({ checkpoint, source: 'given', keys: trusted })
  return verdict.ok ? verdict : verdict.defect
}

function signers(signedBy: readonly SignedBy[]): { signedAt: string | null; signedBy: readonly string[] } {
  const time = signedBy.find((one) => one.time !== null)?.time
  return {
    signedAt: typeof time === 'number' ? new Date(time * 1000).toISOString() : null,
    signedBy: [...new Set(signedBy.map(({ key }) => vkeyOf(keyOfType(key, 'ed25519'))))],
  }
}

/** Every event names the execution, and its proof leads from it to the checkpoint of its log. */
function proofProblem(
  content: PackContent,
  checkpoints: readonly Checkpoint[],
  sha256: Sha256,
): PackDefect | null {
  const hash = treeHash(sha256)
  let before = { log: 0, index: -1 }
  for (const event of content.events) {
    const { log, index, record, proof } = event
    const invalid = (problem: string): PackDefect => broken(proofFile(event), problem, 'proof_invalid')
    if (log < before.log || (log === before.log && index <= before.index))
      return invalid('is not in the order of the log')
    before = event
    if (record.envelope.execution_id !== content.executionId)
      return invalid('is of an event of another execution')
    const checkpoint = checkpoints[log]
    const parsed = parseTlogProof(proof)
    if (parsed && tlogProofText(parsed) !== proof) return invalid('holds more than a proof')
    if (!checkpoint || parsed?.index !== index || parsed.checkpoint !== content.logs[log]?.checkpoint)
      return invalid('is no proof of this entry for the checkpoint of its log')
    const leafHash = hash.leaf(entryOf(commitmentsOf(record, sha256)))
    const { size, root } = checkpoint
    if (!verifyInclusion({ index, size, root, leafHash, proof: parsed.hashes }, hash))
      return invalid(`does not prove event ${String(record.envelope.id)}: the event or the proof was altered`)
  }
  return null
}

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@steptrail/core'
import {
  bytesOfBase64,
  type Checkpoint,
  equalBytes,
  isSignatureOf,
  keyOfType,
  keysOfLog,
  noteText,
  parseCheckpoint,
  signatureLine,
  type SignedNote,
  type VerifierKey,
  verifyConsistency,
  verifyNote,
} from '@steptrail/verify'
import { type Clock, systemClock, TrailError } from '@steptrail/event'
import { hasCode, replaceFile } from '../file/whole-file.ts'
import { nodeTreeHash } from '../key/node-sha256.ts'
import { requireKeyName } from '../key/require-key-name.ts'
import type { SigningKey } from '../key/signing-key.ts'

/** What a witness is made of. */
export interface WitnessOptions {
  /** Its name in cosignatures, such as witness.example.com/w1. */
  readonly name: string
  readonly key: SigningKey
  /** The keys of the logs that it watches; the name of a key is the origin of its log. */
  readonly logs: readonly VerifierKey[]
  /** Where it keeps the last checkpoint of each log. */
  readonly directory: string
  /** The machine's clock unless given. */
  readonly clock?: Clock | undefined
}

/** An answer over HTTP. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 413 | 422
  readonly contentType: 'text/plain; charset=utf-8' | 'text/x.tlog.size'
  readonly body: string
}

/** A request to cosign, as C2SP tlog-witness has it. */
interface Submission {
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
  readonly note: string
}

/**
 * Cosigns the checkpoints of logs that only grow, as C2SP tlog-witness has it: it remembers the last one of each log,
 * and cosigns none that does not continue it. One process for a directory.
 */
export class Witness {
  readonly #options: WitnessOptions
  readonly #clock: Clock
  #queue: Promise<unknown> = Promise.resolve()

  /** @throws TrailError `invalid_configuration` for a name that no signature can have */
  constructor(options: WitnessOptions) {
    requireKeyName('witness', options.name)
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** The public key by which its cosignatures are known. */
  get verifierKey(): VerifierKey {
    const { key, name } = this.#options
    return keyOfType(key.verifierKey(name), 'cosignature')
  }

  /** `POST add-checkpoint`. One after another, so that what is compared is what is replaced. */
  addCheckpoint(body: string): Promise<WitnessAnswer> {
    const answer = this.#queue.then(() => this.#add(body))
    this.#queue = answer.catch(() => undefined)
    return answer
  }

  /** `GET <origin hash>/checkpoint`: the last checkpoint of a log that was cosigned, with the cosignature. */
  async checkpointOf(originHash: string): Promise<WitnessAnswer> {
    const log = this.#options.logs.find(({ name }) => hashOf(name) === originHash)
    const kept = log ? await this.#read(log.name) : null
    return kept === null ? answer(404, 'no checkpoint of such a log was cosigned\n') : answer(200, kept)
  }

  async #add(body: string): Promise<WitnessAnswer> {
    const submission = parseSubmission(body)
    const parsed = submission && parseCheckpoint(submission.note)
    if (!submission || !parsed) return answer(400, 'this is no checkpoint with the size before it\n')
    const { checkpoint, note } = parsed
    const keys = this.#options.logs.filter(({ name }) => name === checkpoint.origin).flatMap(keysOfLog)
    if (keys.length === 0) return answer(404, 'this log is not watched here\n')
    if (!(await verifyNote(note, keys)).ok) return answer(403, 'no key of this log signed the checkpoint\n')
    const { oldSize, proof } = submission
    if (oldSize > checkpoint.size) return answer(400, 'the size before is more than the size\n')
    const last = await this.#lastOf(checkpoint.origin)
    if (oldSize !== (last?.size ?? 0))
      return { ...answer(409, `${last?.size ?? 0}\n`), contentType: 'text/x.tlog.size' }
    const first = { size: oldSize, root: last?.root ?? nodeTreeHash.empty }
    const isEmpty = checkpoint.size > 0 || equalBytes(checkpoint.root, nodeTreeHash.empty)
    if (!isEmpty || !verifyConsistency({ first, second: checkpoint, proof }, nodeTreeHash))
      return answer(422, 'the log did not grow from its last checkpoint to this one\n')
    return answer(200, await this.#cosign(note, keys))
  }

  /**
   * Keeps the checkpoint before anybody hears of the cosignature: with one signature of each key of its log, since others can
   * be put beside them by anybody, until the note has too many.
   */
  async #cosign({ text, signatures }: SignedNote, keys: readonly VerifierKey[]): Promise<string> {
    const { key, name } = this.#options
    const cosignature = key.cosignature(text, { name, time: Math.floor(this.#clock.now() / 1000) })
    const signed = keys.flatMap((one) => signatures.find((line) => isSignatureOf(one, line)) ?? [])
    const origin = text.slice(0, text.indexOf('\n'))
    await makeDirectory(this.#options.directory, 0o700)
    await replaceFile(this.#pathOf(origin), noteText({ text, signatures: [...signed, cosignature] }))
    return signatureLine(cosignature)
  }

  /** A file that does not hold the log's checkpoint is no reason to begin anew: what it held would be forgotten. */
  async #lastOf(origin: string): Promise<Checkpoint | null> {
    const kept = await this.#read(origin)
    if (kept === null) return null
    const last = parseCheckpoint(kept)?.checkpoint
    if (last?.origin === origin) return last
    throw new TrailError(
      'log_inconsistent',
      `${this.#pathOf(origin)} does not hold a checkpoint of ${origin}: bring back the one that was there, from a backup or from whoever has one that was cosigned here`,
      { details: { origin } },
    )
  }

  async #read(origin: string): Promise<string | null> {
    try {
      return await readFile(this.#pathOf(origin), 'utf8')
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null
      throw error
    }
  }

  #pathOf(origin: string): string {
    return join(this.#options.directory, `${hashOf(origin)}.checkpoint`)
  }
}

/** How a log is named in the paths of a witness. */
export const hashOf = (origin: string): string => createHash('sha256').update(origin).digest('hex')

const answer = (status: WitnessAnswer['status'], body: string): WitnessAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
})

function parseSubmission(body: string): Submission | null {
  const end = body.indexOf('\n\n')
  const [first = '', ...lines] = body.slice(0, Math.max(0, end)).split('\n')
  const [, size = ''] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? []
  const proof = lines.map(bytesOfBase64)
  if (size === '' || proof.length > 63 || !proof.every((hash) => hash?.length === 32)) return null
  return { oldSize: Number(size), proof: proof as readonly Uint8Array[], note: body.slice(end + 2) }
}

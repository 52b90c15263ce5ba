import { TrailError } from '@steptrail/event'
import {
  base64Of,
  isSignatureOf,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  signatureLine,
  type VerifierKey,
  verifyNote,
} from '@steptrail/verify'
import type { OutsideMemory, ProveGrowth } from '../memory/outside-memory.ts'
import { hashOf } from './witness.ts'

/** Where a witness is, and the key that its cosignatures are known by. */
export interface WitnessPlace {
  /** Its submission and monitoring prefix, without a slash at its end. */
  readonly url: string
  readonly key: VerifierKey
}

/**
 * A witness of C2SP tlog-witness as the memory of a log: it remembers the last checkpoint, and cosigns the next one
 * only if the log has grown from there. Its cosignature is published with the checkpoint.
 */
export function witnessMemory(place: WitnessPlace): OutsideMemory {
  return {
    read: (origin) => readFrom(place, origin),
    write: async (origin, checkpoint, proveGrowth) => {
      const known = await readFrom(place, origin)
      const oldSize = known === null ? 0 : (parseCheckpoint(known)?.checkpoint.size ?? 0)
      return await submit(place, { checkpoint, oldSize, proveGrowth })
    },
  }
}

async function readFrom({ url }: WitnessPlace, origin: string): Promise<string | null> {
  const response = await reach(`${url}/${hashOf(origin)}/checkpoint`)
  const text = await response.text()
  if (response.status === 404) return null
  if (response.status === 200) return text
  throw refused(url, response.status, text)
}

interface Submitting {
  readonly checkpoint: string
  readonly oldSize: number
  readonly proveGrowth: ProveGrowth
}

async function submit(
  { url, key }: WitnessPlace,
  { checkpoint, oldSize, proveGrowth }: Submitting,
): Promise<string> {
  const proof = await proveGrowth(oldSize)
  const body = [`old ${oldSize}`, ...proof.map(base64Of), '', checkpoint].join('\n')
  const response = await reach(`${url}/add-checkpoint`, body)
  const text = await response.text()
  if (response.status !== 200) throw refused(url, response.status, text)
  const cosignature = await cosignatureIn(text, { checkpoint, key })
  if (cosignature === null) throw refused(url, 200, 'its cosignature does not hold')
  return checkpoint + signatureLine(cosignature)
}

/** The signature of the witness in what it answered, if it holds for this checkpoint; what else is there is nobody's. */
async function cosignatureIn(
  answered: string,
  { checkpoint, key }: Pick<Submitting, 'checkpoint'> & Pick<WitnessPlace, 'key'>,
): Promise<NoteSignature | null> {
  const note = parseNote(checkpoint + answered)
  if (note === null || note.text !== parseNote(checkpoint)?.text) return null
  const verdict = await verifyNote(note, [key])
  return (verdict.ok && note.signatures.find((line) => isSignatureOf(key, line))) || null
}

async function reach(url: string, body?: string): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(10_000)
    return await fetch(url, body === undefined ? { signal } : { signal, method: 'POST', body })
  } catch (error) {
    throw new TrailError('witness_unreachable', `the witness at ${url} did not answer: ${String(error)}`, {
      cause: error,
    })
  }
}

function refused(url: string, status: number, text: string): TrailError {
  const said = `the witness at ${url} answered ${status}: ${text.trim().slice(0, 300)}`
  return status === 409 || status === 422
    ? new TrailError('log_inconsistent', `${said}. It knows another log than this one, or more of it`, {
        details: { url, status },
      })
    : new TrailError('witness_unreachable', said, { details: { url, status } })
}

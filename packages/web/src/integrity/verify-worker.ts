import { describeDefect, parseVkey, sha256, verifyPack } from '@steptrail/verify'

/** What is asked of the worker: a pack, and the keys that are trusted. */
export interface VerifyRequest {
  readonly bytes: Uint8Array
  readonly keys: readonly string[]
}

/** What a pack is worth, in words where it is worth nothing. */
export type PackAnswer =
  | {
      readonly kind: 'proven'
      readonly executionId: string
      readonly events: number
      readonly origin: string
      readonly size: number
      readonly signedAt: string | null
      readonly signedBy: readonly string[]
      readonly keyFrom: 'given' | 'pack'
      readonly hasEnded: boolean | null
    }
  | { readonly kind: 'defect'; readonly defect: string }
  | { readonly kind: 'trouble'; readonly trouble: string }

async function answerTo({ bytes, keys }: VerifyRequest): Promise<PackAnswer> {
  if (!('subtle' in crypto))
    return { kind: 'trouble', trouble: 'This browser checks signatures over https and on localhost only.' }
  const trusted = keys.map((text) => parseVkey(text))
  if (trusted.includes(null)) return { kind: 'trouble', trouble: 'What is given as a trusted key is none.' }
  const verdict = await verifyPack(
    bytes,
    trusted.filter((key) => key !== null),
    sha256,
  )
  if (!verdict.ok) return { kind: 'defect', defect: describeDefect(verdict.defect) }
  const { ok: _, ...proven } = verdict
  return { kind: 'proven', ...proven }
}

addEventListener('message', ({ data }: MessageEvent<VerifyRequest>) => {
  answerTo(data).then(
    (answer) => postMessage(answer),
    (error: unknown) => postMessage({ kind: 'trouble', trouble: String(error) } satisfies PackAnswer),
  )
})

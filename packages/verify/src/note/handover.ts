import type { Checkpoint } from './checkpoint.ts'
import { parseVkey, type VerifierKey, vkeyOf } from './verifier-key.ts'

const mark = 'next-key '

/**
 * The extension line of a checkpoint by which whoever signs it hands the log over to another key. It is within what is
 * signed, since a signature beside another can be put there by anybody.
 */
export const handoverLine = (next: VerifierKey): string => `${mark}${vkeyOf(next)}`

/** The keys that a checkpoint hands its log over to; they are worth as much as the key that signed it. */
export function handedOverTo({ origin, extensions }: Checkpoint): readonly VerifierKey[] {
  const lines = extensions.filter((line) => line.startsWith(mark))
  const keys = lines.flatMap((line) => parseVkey(line.slice(mark.length)) ?? [])
  return keys.filter(({ name }) => name === origin)
}

import { readFileSync } from 'node:fs'

/** The salts of `spec/vectors/leaf.json`, with the key that stays when they are erased. */
export const leafVectors = (
  JSON.parse(readFileSync(new URL('../../../spec/vectors/leaf.json', import.meta.url), 'utf8')) as {
    readonly leaves: readonly { readonly salt: string; readonly envelopeKey: string }[]
  }
).leaves

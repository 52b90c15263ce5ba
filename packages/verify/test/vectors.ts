import { readFileSync } from 'node:fs'
import type { Body, Envelope } from '@steptrail/verify'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../spec/vectors/${name}.json`, import.meta.url), 'utf8'))

/** `spec/vectors/tree.json`: hashes are in hexadecimal. */
export const treeVectors = read('tree') as {
  readonly roots: readonly { readonly size: number; readonly root: string }[]
  readonly inclusion: readonly {
    readonly index: number
    readonly size: number
    readonly proof: readonly string[]
  }[]
  readonly consistency: readonly {
    readonly first: number
    readonly second: number
    readonly proof: readonly string[]
  }[]
  readonly tiles: {
    readonly size: number
    readonly tiles: readonly {
      readonly level: number
      readonly index: number
      readonly width: number
      readonly sha256: string
    }[]
    readonly bundle: { readonly index: number; readonly width: number; readonly sha256: string }
  }
}

/** `spec/vectors/leaf.json`. */
export const leafVectors = read('leaf') as {
  readonly leaves: readonly {
    readonly salt: string
    readonly envelope: Envelope
    readonly body: Body
    readonly envelopeKey: string
    readonly envelopeCommitment: string
    readonly bodyCommitment: string
    readonly entry: string
    readonly leafHash: string
  }[]
}

/** `spec/vectors/note.json`. */
export const noteVectors = read('note') as {
  readonly seed: string
  readonly vkey: string
  readonly cosignatureVkey: string
  readonly time: number
  readonly checkpoint: string
  readonly proof: string
}

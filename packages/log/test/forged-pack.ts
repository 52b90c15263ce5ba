import { createHash } from 'node:crypto'
import { canonicalJson, readZip, textOfUtf8, utf8, writeZip, type ZipFile } from '@steptrail/verify'

/** What a forger does to the files of a pack, but for the list of their digests. */
export type Forgery = (files: readonly ZipFile[]) => readonly ZipFile[]

/** A pack as a forger would hand it over: files changed, left out or added, and the list of digests made to fit. */
export function forgedPack(pack: Uint8Array, change: Forgery): Uint8Array {
  const original = readZip(pack)
  if (!original) throw new Error('this is no pack')
  const files = change(original.filter(({ name }) => name !== 'manifest.json'))
  const digests = Object.fromEntries(
    files.map(({ name, content }) => [name, createHash('sha256').update(content).digest('hex')]),
  )
  const manifest = `${canonicalJson({ format: 'steptrail-evidence', v: 1, files: digests })}\n`
  return writeZip([...files, { name: 'manifest.json', content: utf8(manifest) }])
}

/** Changes the text of one file. */
export const rewrite =
  (name: string, change: (text: string) => string): Forgery =>
  (files) =>
    files.map((file) => (file.name === name ? { name, content: utf8(change(textOf(file))) } : file))

function textOf({ name, content }: ZipFile): string {
  const text = textOfUtf8(content)
  if (text === null) throw new Error(`${name} is no text`)
  return text
}

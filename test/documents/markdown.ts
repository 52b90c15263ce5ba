import { readFile } from 'node:fs/promises'
import { root } from '../repository/source-files.ts'

/** A fenced block of a Markdown document. */
export interface CodeBlock {
  readonly language: string
  readonly text: string
}

/** The document at this path from the repository's root. */
export const readDocument = (path: string): Promise<string> => readFile(root + path, 'utf8')

/** The fenced blocks of a document, in order. */
export const codeBlocksOf = (document: string): readonly CodeBlock[] =>
  [...document.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }))

/** The text of the blocks in one language. */
export const blocksIn = (document: string, language: string): readonly string[] =>
  codeBlocksOf(document)
    .filter((block) => block.language === language)
    .map(({ text }) => text)

/** The guides and whatever else shows programs to readers; a pattern of paths. */
export const documentsWithPrograms =
  '{README,ARCHITECTURE,CHANGELOG,docs/**/*,{adapters,examples}/*/README}.md'

/**
 * The programs of a document in TypeScript, by names of files. A document is one program, the README of an adapter one
 * for each block, since there each shows what another process does.
 */
export function programsOf(
  path: string,
  text: string,
): readonly (readonly [name: string, program: string])[] {
  const blocks = blocksIn(text, 'ts')
  const programs = path.startsWith('adapters/') ? blocks : blocks.length === 0 ? [] : [blocks.join('\n')]
  return programs.map((program, index) => [`${path.replaceAll(/[/.]/g, '-')}-${index}.ts`, program])
}

/**
 * The document with the part between `<!-- made: name -->` and `<!-- end: name -->` replaced. Comparing the result
 * with the document tells whether the part is what it should be, and writing it brings it up to date.
 *
 * @throws Error when the document has no such part
 */
export function withSection(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- made: ${name} -->`, `<!-- end: ${name} -->`]
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the document has no part ${begin} … ${end}`)
  return `${document.slice(0, from)}${begin}\n\n${content.trim()}\n\n${document.slice(to)}`
}

/** A table in Markdown. */
export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

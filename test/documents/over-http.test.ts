import { expect, test } from 'vitest'
import { blocksIn, codeBlocksOf, readDocument } from './markdown.ts'
import { runText } from './program.ts'

test('the guide on HTTP is a program that prints what it says', { timeout: 60_000 }, async () => {
  const guide = await readDocument('docs/guides/over-http.md')
  const printed = codeBlocksOf(guide).flatMap(({ language, text }) => (language === 'text' ? [text] : []))
  const { code, stdout, stderr } = await runText(blocksIn(guide, 'ts').join('\n'))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.map((line) => line.trimEnd())).toEqual(printed.join('').trimEnd().split('\n'))
})

import { describe, expect, it } from 'vitest'
import { blocksIn, codeBlocksOf, readDocument } from './markdown.ts'
import { runText } from './program.ts'

const readme = await readDocument('README.md')
const programs = blocksIn(readme, 'ts')
const [first = ''] = programs

/** What the page says that the program before it prints. */
const printed = codeBlocksOf(readme).flatMap(({ text, language }, index, blocks) =>
  language === 'text' && blocks[index - 1]?.language === 'ts' ? [text] : [],
)

const trimmed = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())

describe('the README', () => {
  it('shows at first a short program', () => {
    expect(first.split('\n').filter((line) => !/^(import|\s*$)/.test(line)).length).toBeLessThan(22)
  })

  it('goes on with that program, and shows what all of it prints', { timeout: 60_000 }, async () => {
    const { code, stdout, stderr } = await runText(programs.join('\n'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(trimmed(stdout)).toEqual(printed.flatMap(trimmed))
    expect(printed.length).toBeGreaterThan(2)
  })

  it('shows the picture of the demo as text, too', async () => {
    expect(readme).toContain('](docs/images/demo.svg)')
    expect(readme).toContain(`\`\`\`text\n${await readDocument('docs/images/demo.txt')}\`\`\``)
  })
})

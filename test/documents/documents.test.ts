import { describe, expect, it } from 'vitest'
import { filesOf, pathsOf } from '../repository/source-files.ts'
import { documentsWithPrograms, programsOf } from './markdown.ts'
import { compileTexts } from './program.ts'

const documents = await filesOf(documentsWithPrograms)
/** Reference pages are tables for the most part, and made by programs. */
const isProse = (path: string): boolean => !path.startsWith('docs/reference/')

describe('the documents', () => {
  it('hold programs that compile', { timeout: 180_000 }, async () => {
    const texts = documents.flatMap(({ path, text }) => programsOf(path, text))
    expect(texts.length).toBeGreaterThan(1)
    const { passed, output } = await compileTexts(Object.fromEntries(texts))
    expect(output).toBe('')
    expect(passed).toBe(true)
  })

  it('have lines of at most 120 characters, but for tables and code', () => {
    const long = documents
      .filter(({ path }) => isProse(path))
      .flatMap(({ path, text }) =>
        text
          .replaceAll(/^```[^]*?^```$/gm, '')
          .split('\n')
          .filter((line) => line.length > 120 && !line.startsWith('|'))
          .map((line) => `${path}: ${line}`),
      )
    expect(long).toEqual([])
  })

  it('say of each migration, in the changelog, what it does', async () => {
    const migrations = (await pathsOf('packages/core/sql/*.sql')).map((path) => path.split('/').at(-1) ?? '')
    const changelog = documents.find(({ path }) => path === 'CHANGELOG.md')?.text ?? ''
    expect(migrations.filter((name) => !changelog.includes(`\`${name}\``))).toEqual([])
  })

  it('name no path of a machine and no number of an issue', () => {
    const told = documents.flatMap(({ path, text }) =>
      [
        ...text.matchAll(
          /(?<![\w.])\/(home|root|tmp|work|Users)\/[\w/.-]*|\bissues? #?\d+|(?<![&\w])#\d+\b/gi,
        ),
      ].map(([found]) => `${path}: ${found}`),
    )
    expect(told).toEqual([])
  })
})

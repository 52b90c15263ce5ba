import { glob, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

it('what reads histories brings nothing of the SDK of Temporal with it', async () => {
  const imported = new Set<string>()
  for await (const file of glob('{history/*,capabilities}.ts', { cwd: new URL('..', import.meta.url) })) {
    if (file.includes('.test.')) continue
    const text = await readFile(new URL(`../${file}`, import.meta.url), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/ from '([^']+)'/g)) imported.add(specifier)
  }
  const ours = /^(?:\.\/[a-z-]+\.ts|\.\.\/capabilities\.ts|@steptrail\/[a-z]+|zod)$/
  expect(imported.size).toBeGreaterThan(5)
  expect([...imported].filter((specifier) => !ours.test(specifier))).toEqual([])
})

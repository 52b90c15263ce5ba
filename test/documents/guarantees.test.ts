import { expect, test } from 'vitest'
import { pathsOf } from '../repository/source-files.ts'
import { readDocument } from './markdown.ts'

test('the page on the guarantees of recording names tests that exist', async () => {
  const page = await readDocument('docs/concepts/guarantees.md')
  const named = [...page.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, name = '']) => name)
  const present = new Set(await pathsOf('{packages,adapters,examples,test}/**/*.test.ts'))
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((name) => !present.has(name))).toEqual([])
})

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../repository/source-files.ts'
import { longest, rank } from './longest-first.ts'

it('the longest files come first, then processes, databases, and all else', () => {
  const [first = '', second = ''] = longest.map((path) => join(root, path))
  const files = ['/a/b.test.ts', '/a/c.prop.pg.test.ts', '/a/d.e2e.test.ts', second, '/a/e.pg.test.ts', first]
  expect(files.toSorted((a, b) => rank(a) - rank(b))).toEqual([
    first,
    second,
    '/a/d.e2e.test.ts',
    '/a/c.prop.pg.test.ts',
    '/a/e.pg.test.ts',
    '/a/b.test.ts',
  ])
})

it.each(longest)('%s is there', (path) => {
  expect(existsSync(join(root, path))).toBe(true)
})

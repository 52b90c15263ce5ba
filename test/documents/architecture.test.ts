import { describe, expect, it } from 'vitest'
import { layers } from '../repository/layers.ts'
import { pathsOf, root } from '../repository/source-files.ts'
import { readDocument, tableOf, withSection } from './markdown.ts'

const path = 'ARCHITECTURE.md'
const page = await readDocument(path)

const namedTests = [...page.matchAll(/`([\w./-]+\/[\w.-]+\.test(?:-d)?\.ts)`/g)].map(([, name = '']) => name)

const layerTable = tableOf(
  ['in', 'may import of ours', 'of others'],
  Object.entries(layers).map(([folder, { packages, others }]) => [
    `\`${folder}\``,
    packages.length === 0 ? 'nothing' : packages.map((name) => `\`${name}\``).join(', '),
    others === undefined
      ? 'what its `package.json` names'
      : others.map((name) => (name === 'node' ? "Node's own" : `\`${name}\``)).join(', ') || 'nothing',
  ]),
)

describe('ARCHITECTURE.md', () => {
  it('names tests that exist, for each invariant', async () => {
    const present = new Set(await pathsOf('{packages,adapters,bench,examples,test,testkit}/**/*.ts'))
    expect(namedTests.filter((name) => !present.has(name))).toEqual([])
    const rows = page.split('\n').filter((line) => line.startsWith('| ') && line.includes('test'))
    expect(rows.length).toBeGreaterThan(25)
  })

  it('lists the layers that the imports are held to', async () => {
    await expect(withSection(page, 'layers', layerTable)).toMatchFileSnapshot(root + path)
  })

  it('maps every package and every folder of core', async () => {
    const folders = [
      ...(await pathsOf('{packages,adapters,examples}/*/package.json')).map(
        (file) => file.split('/').at(-2) ?? '',
      ),
      ...new Set((await pathsOf('packages/core/src/*/*.ts')).map((file) => file.split('/').at(-2) ?? '')),
    ]
    expect(folders.filter((folder) => !new RegExp(`^  +${folder}/ `, 'm').test(page))).toEqual([])
  })
})

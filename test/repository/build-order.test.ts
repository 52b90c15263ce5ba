import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesOf } from './source-files.ts'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
}

interface BuildConfiguration {
  readonly references?: readonly { readonly path: string }[]
}

const manifests = new Map(
  (await filesOf('{packages,adapters,examples,testkit}/**/package.json')).map(({ path, text }) => [
    dirname(path),
    JSON.parse(text) as Manifest,
  ]),
)
const directories = new Map([...manifests].map(([directory, { name }]) => [name, directory]))
const built = await filesOf('{packages,adapters,examples}/*/tsconfig.build.json')

// The compiler builds packages side by side: one that is not named here may not be there yet, now and then.
describe('the order of the build', () => {
  it.each(built)('$path refers to every package that its own depends on, and to no other', (file) => {
    const own = dirname(file.path)
    const { references = [] } = JSON.parse(file.text) as BuildConfiguration
    const needed = Object.keys(manifests.get(own)?.dependencies ?? {}).flatMap(
      (name) => directories.get(name) ?? [],
    )
    expect(references.map(({ path }) => join(own, dirname(path))).toSorted()).toEqual(needed.toSorted())
  })

  it('has every package that has a build', async () => {
    const [whole] = await filesOf('tsconfig.build.json')
    const { references = [] } = JSON.parse(whole?.text ?? '') as BuildConfiguration
    expect(references.map(({ path }) => path).toSorted()).toEqual(built.map(({ path }) => path).toSorted())
  })
})

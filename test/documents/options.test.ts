import { expect, test } from 'vitest'
import { root } from '../repository/source-files.ts'
import { optionsPage } from './options-page.ts'

test('docs/reference/options.md is what the types say', async () => {
  const page = await optionsPage()
  await expect(page).toMatchFileSnapshot(`${root}docs/reference/options.md`)
  expect(page).not.toMatch(/\| +\|/)
})

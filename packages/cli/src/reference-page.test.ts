import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { commandLinePage, configurationPage } from './reference-page.ts'

const page = (name: string): string =>
  fileURLToPath(new URL(`../../../docs/reference/${name}`, import.meta.url))

test('the reference of the command line is made from it', async () => {
  await expect(commandLinePage()).toMatchFileSnapshot(page('command-line.md'))
})

test('the reference of the configuration is made from the settings', async () => {
  await expect(configurationPage()).toMatchFileSnapshot(page('configuration.md'))
})

import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { errorReferencePage, eventReferencePage } from './reference-page.ts'

const page = (name: string): string =>
  fileURLToPath(new URL(`../../../docs/reference/${name}`, import.meta.url))

test('docs/reference/events.md is what the code says', async () => {
  await expect(eventReferencePage()).toMatchFileSnapshot(page('events.md'))
})

test('docs/reference/errors.md is what the code says', async () => {
  await expect(errorReferencePage()).toMatchFileSnapshot(page('errors.md'))
})

import { fileURLToPath } from 'node:url'
import { defaultSpoolDirectory, recorderOptionsFromEnv } from '@steptrail/recorder/node'
import { expect, test } from 'vitest'
import { commandLinePage, configurationPage } from './reference-page.ts'

const page = (name: string): string =>
  fileURLToPath(new URL(`../../../docs/reference/${name}`, import.meta.url))

test('the reference of the command line is made from it', async () => {
  await expect(await commandLinePage()).toMatchFileSnapshot(page('command-line.md'))
})

test('the reference of the configuration is made from the settings', async () => {
  await expect(configurationPage()).toMatchFileSnapshot(page('configuration.md'))
})

test('the variables for recording are those that are read, with their defaults', () => {
  const named = (variable: string): RegExp => new RegExp(`^\\| \`${variable}\` \\| (\\S+) \\|`, 'm')
  const fallbackOf = (variable: string): string | undefined => named(variable).exec(configurationPage())?.[1]
  const { enabled, queued, queueEvents } = recorderOptionsFromEnv({})
  expect(fallbackOf('AUDIT_LOGGING_ENABLED')).toBe(String(enabled))
  expect(fallbackOf('AUDIT_LOGGING_ASYNC')).toBe(String(queued))
  expect(fallbackOf('AUDIT_LOGGING_QUEUE_SIZE')).toBe(String(queueEvents))
  expect(fallbackOf('STEPTRAIL_SPOOL_DIR')).toBe(defaultSpoolDirectory)
})

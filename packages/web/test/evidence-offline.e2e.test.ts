import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createTrail } from '@steptrail/core'
import { makeEvidencePack, memoryInDirectory, seal, SigningKey } from '@steptrail/log'
import { openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { vkeyOf } from '@steptrail/verify'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { beforeAll, expect, it } from 'vitest'
import { launchChromium } from '@steptrail/testkit/chromium'

let page: Page
let pack: Uint8Array
let vkey = ''

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-evidence-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  ;[pack, vkey] = await packOfEvents(directory)
  await writeFile(join(directory, 'verify.html'), `<script type="module">${await bundled()}</script>`)
  const browser = await launchChromium()
  releaseAfterTest(() => browser.close())
  const context = await browser.newContext({ offline: true })
  page = await context.newPage()
  await page.goto(pathToFileURL(join(directory, 'verify.html')).href)
  await page.waitForFunction('globalThis.verifyFile')
}, 120_000)

async function packOfEvents(directory: string): Promise<[pack: Uint8Array, vkey: string]> {
  const database = await openTestDatabase('postgres')
  await using trail = createTrail(database)
  const executionId = '019a4f0c-5c7b-7000-8000-00000000000a'
  const events = ['asked', 'answered'].map((action) => ({
    eventType: 'OPERATION',
    entityType: 'OPERATION' as const,
    executionId,
    action,
    message: 'with “quotes”, an emoji 🧾 and a \u2028 line',
  }))
  await trail.recordIn(database.query, events)
  const { key } = SigningKey.generate()
  const { origin } = await seal(database, { key, memory: memoryInDirectory(directory) })
  return [(await makeEvidencePack(database, executionId)).bytes, vkeyOf(key.verifierKey(origin))]
}

/** The package as a page has it: one script, with nothing of Node's. */
async function bundled(): Promise<string> {
  const entry = 'virtual:verify-file'
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['steptrail:source', 'browser', 'import'] },
    build: { write: false, minify: false, rolldownOptions: { input: entry } },
    plugins: [
      {
        name: 'verify-file',
        resolveId: (id) => (id === entry ? `\0${entry}` : null),
        load: (id) => (id === `\0${entry}` ? script : null),
      },
    ],
  })
  const outputs = 'output' in built ? built.output : []
  return outputs.map((output) => ('code' in output ? output.code : '')).join('\n')
}

const script = `
import { parseVkey, sha256, verifyPack } from ${JSON.stringify(
  fileURLToPath(new URL('../../verify/src/index.ts', import.meta.url)),
)}
globalThis.verifyFile = (bytes, vkey) => verifyPack(Uint8Array.from(bytes), [parseVkey(vkey)], sha256)
`

const verdictOn = (bytes: Uint8Array): Promise<unknown> =>
  page.evaluate(`verifyFile(${JSON.stringify([...bytes])}, ${JSON.stringify(vkey)})`)

it('verifies an evidence pack in a browser without a network', async () => {
  expect(await page.evaluate('navigator.onLine')).toBe(false)
  expect(await verdictOn(pack)).toMatchObject({ ok: true, events: 2, keyFrom: 'given', signedBy: [vkey] })
})

it('finds a flipped bit there', async () => {
  for (const place of [0, 0.3, 0.6, 0.9]) {
    const altered = Uint8Array.from(pack)
    altered[Math.floor(place * pack.length)]! ^= 1
    expect(await verdictOn(altered)).toMatchObject({ ok: false })
  }
})

import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '@steptrail/testkit/chromium'
import type { Browser } from 'playwright-core'
import { startDemoServer } from './demo-server.ts'
import { type Picture, pictures } from './pictures.ts'

// `npm run pictures`: opens the pages of the demo in Chromium and writes what they look like to docs/pictures. With the
// names of some, it takes those alone.

const place = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url))
const width = 1280

const names = process.argv.slice(2)
const wanted = pictures.filter(({ name }) => names.length === 0 || names.includes(name))
await using server = await startDemoServer()
const browser = await launchChromium()
try {
  await mkdir(place, { recursive: true })
  for (const picture of wanted) await take(browser, picture)
} finally {
  await browser.close()
}

async function take(from: Browser, { name, path, colorScheme, height, prepare }: Picture): Promise<void> {
  const page = await from.newPage({ colorScheme, viewport: { width, height }, reducedMotion: 'reduce' })
  await page.goto(`${server.url}${await path(server.url)}`)
  await prepare(page)
  // What is shown while something is read is not what the picture is about.
  await page.locator('[role=status][aria-label^=Reading]').last().waitFor({ state: 'detached' })
  await page.evaluate('document.fonts.ready')
  await page.screenshot({ path: `${place}${name}.png` })
  await page.close()
  process.stdout.write(`${name}.png\n`)
}

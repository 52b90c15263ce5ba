import { createTrail, type Database, openDatabase, type Trail } from '@steptrail/core'
import { createServer, type ServerOptions } from '@steptrail/server'
import { createMigratedDatabase, releaseAfterTest, runProgram } from '@steptrail/testkit'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from '@steptrail/testkit/chromium'
import { openShop } from './shop.ts'

/** A server with the pages, a database behind it, and a browser before it. */
export interface Stage {
  readonly url: string
  readonly database: Database
  readonly trail: Trail
  readonly shop: Awaited<ReturnType<typeof openShop>>
  readonly browser: Browser
  /** Stops the server, and starts it again at the same address after what is to happen meanwhile. */
  restartAfter(meanwhile: () => Promise<void>): Promise<void>
  /** A page, 1,300 by 900; with options, of a browser profile of its own. What goes wrong in it is kept in `troublesOf`. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  /** The page that the tests of a file share, at another address: for what a cold start, which takes a second, is not about. */
  visit(path: string): Promise<Page>
}

const troubles = new WeakMap<Page, string[]>()

/** What a page complained of: errors, warnings, and what its content security policy refused. */
export const troublesOf = (page: Page): readonly string[] => troubles.get(page) ?? []

/** Whether a page complained that there is no row of this execution, as of one that only its events tell of. */
export const isNoRow = (trouble: string, executionId: string | null | undefined): boolean =>
  trouble.includes('404') && trouble.endsWith(`/api/v1/executions/${executionId ?? ''})`)

/** Sets the stage for the tests of a file, and clears it after them. */
export async function setStage(served: Pick<ServerOptions, 'sealing'> = {}): Promise<Stage> {
  await buildPages()
  const database = await openDatabase({ url: await createMigratedDatabase(), maxConnections: 10 })
  const trail = createTrail(database)
  const serve = async (port: number) => {
    const server = await createServer({ trail, ...served })
    return { server, url: (await server.listen({ port })).url }
  }
  const first = await serve(0)
  const { url } = first
  let { server } = first
  const shop = await openShop(database)
  const browser = await launchChromium()
  releaseAfterTest(async () => {
    await browser.close()
    await shop.close()
    await server.close()
    await trail.close()
    await database.close()
  })
  const usual = await browser.newContext(usualContext)
  const open: Stage['open'] = async (path, options) =>
    await openPage(
      options ? await browser.newContext({ ...usualContext, ...options }) : usual,
      `${url}${path}`,
    )
  const shared = await open('/no/such/page')
  const visit: Stage['visit'] = async (path) => {
    await goWithin(shared, path)
    return shared
  }
  const restartAfter: Stage['restartAfter'] = async (meanwhile) => {
    await server.close()
    try {
      await meanwhile()
    } finally {
      ;({ server } = await serve(Number(new URL(url).port)))
    }
  }
  return { url, database, trail, shop, browser, restartAfter, open, visit }
}

/**
 * Goes to another page as a link leads there, without another load of the program, which takes a second. Nothing of the
 * page before is left when it resolves.
 */
export async function goWithin(page: Page, path: string): Promise<void> {
  await showAddress(page, '/no/such/page')
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await showAddress(page, path)
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor({ state: 'detached' })
}

const showAddress = (page: Page, path: string): Promise<unknown> =>
  page.evaluate(`history.pushState({}, '', '${path}'), dispatchEvent(new PopStateEvent('popstate'))`)

async function buildPages(): Promise<void> {
  const { code, stderr } = await runProgram(new URL('../build/build-when-stale.js', import.meta.url))
  if (code !== 0) throw new Error(`the pages could not be built:\n${stderr}`)
}

const usualContext: BrowserContextOptions = { viewport: { width: 1300, height: 900 } }

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  // A browser has six connections to a server, and a page that follows keeps one.
  releaseAfterTest(() => page.close())
  page.setDefaultTimeout(25_000)
  const found: string[] = []
  troubles.set(page, found)
  page.on('pageerror', (error) => found.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      found.push(`${message.text()} (${message.location().url})`)
  })
  await page.goto(url, { waitUntil: 'domcontentloaded' })
  return page
}

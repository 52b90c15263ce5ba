import type { Browser, Page } from 'playwright-core'
import type { BenchResult } from '../bench-document.ts'
import { rounded } from '../statistics.ts'
import { frameRow, framesWhile, scroll } from './frames.ts'

/** The page of events, and how far down it is read. */
export interface EventsView {
  readonly browser: Browser
  readonly url: string
  readonly rows: number
}

const list = '[role=listbox]'

/** Reads the page of events down to so many rows, then scrolls there; what it holds then. */
export async function measureEvents({ browser, url, rows }: EventsView) {
  const page = await browser.newPage({ viewport: { width: 1300, height: 900 } })
  await page.goto(`${url}/events?refresh=off`)
  await page.locator('[role=option]').first().waitFor()
  const startedAt = performance.now()
  const reading = await framesWhile(page, () => readDown(page, rows))
  const readMs = performance.now() - startedAt
  const scrolling = await framesWhile(page, () =>
    scroll(page, { over: list, pixels: -20_000, pixelsPerSecond: 5_000 }),
  )
  const held = await heldBy(page)
  await page.close()
  const results: readonly BenchResult[] = [
    { ...frameRow('events read to the last row', reading), rows, seconds: rounded(readMs / 1000) },
    { ...frameRow('events scrolled there', scrolling), rows, ...held },
  ]
  return { results, scrollFrames: scrolling, readFrames: reading }
}

/** Jumps to the end again and again, as who holds the End key does, until there are so many rows. */
async function readDown(page: Page, rows: number): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const list = document.querySelector('${list}')
    const go = () => {
      const last = Number(list.querySelector('[role=option]')?.getAttribute('aria-setsize'))
      if (last >= ${rows}) return resolve()
      list.scrollTop = list.scrollHeight
      requestAnimationFrame(go)
    }
    go()
  })`)
}

async function heldBy(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return { domRows: await page.locator('[role=option]').count(), heapMb: rounded(usedSize / 1024 ** 2) }
}

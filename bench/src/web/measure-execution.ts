import type { Browser, Page } from 'playwright-core'
import type { BenchResult } from '../bench-document.ts'
import { median } from '../statistics.ts'
import { frameRow, framesWhile, scroll } from './frames.ts'

/** An execution, and the browser that looks at it. */
export interface ExecutionView {
  readonly browser: Browser
  readonly url: string
  readonly executionId: string
  readonly rounds: number
}

/** Milliseconds since the navigation began. */
interface Load {
  /** The first frame with bars. */
  readonly drawnMs: number
  /** The frame in which a key that was pressed then has selected an attempt. */
  readonly interactiveMs: number
  /** The first frame after it in which all of the execution's events are there. */
  readonly wholeMs: number
}

/** Looks at an execution, each time in a browser profile that has nothing in memory; then scrolls and zooms in it. */
export async function measureExecution(view: ExecutionView) {
  const loads: Load[] = []
  for (let round = 0; round < view.rounds; round++) loads.push(await load(view))
  const page = await view.browser.newPage(pageOptions)
  await page.goto(addressOf(view))
  await page.locator(bars).first().waitFor()
  const lanes = await framesWhile(page, () =>
    scroll(page, { over: '[role=group][aria-label^=Lanes]', pixels: 12_000, pixelsPerSecond: 3_000 }),
  )
  const list = await framesWhile(page, () =>
    scroll(page, { over: '[role=listbox]', pixels: 20_000, pixelsPerSecond: 5_000 }),
  )
  const zoom = await framesWhile(page, () => zoomInAndOut(page))
  await page.close()
  const interactiveMs = median(loads.map((each) => each.interactiveMs))
  const results: readonly BenchResult[] = [
    loadRow(loads),
    await answerRow(view),
    frameRow('lanes scrolled', lanes),
    frameRow('event list scrolled', list),
    frameRow('zoomed by keys', zoom),
  ]
  return { results, interactiveMs, scrollFrames: [...lanes, ...list] }
}

const pageOptions = { viewport: { width: 1300, height: 900 } } as const
const bars = '[data-lane] [data-kind=attempt]'

const addressOf = ({ url, executionId }: ExecutionView): string => `${url}/executions/${executionId}`

async function load(view: ExecutionView): Promise<Load> {
  const context = await view.browser.newContext(pageOptions)
  const page = await context.newPage()
  await page.addInitScript(watch)
  await page.goto(addressOf(view), { waitUntil: 'commit' })
  const found = (await page.evaluate('globalThis.whenInteractive')) as Load
  await context.close()
  return found
}

/** Runs in the page before anything of it does, and looks at each frame. */
const watch = `
  const load = {}
  const interactive = Promise.withResolvers()
  globalThis.whenInteractive = interactive.promise
  const isRead = () =>
    ![...document.querySelectorAll('p[role=status]')].some(({ textContent }) => textContent.includes('is being read'))
  const look = (at) => {
    if (!load.drawnMs && document.querySelector('${bars}')) {
      load.drawnMs = at
      const lanes = document.querySelector('[role=group][aria-label^=Lanes]')
      lanes.focus()
      lanes.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))
    }
    if (load.drawnMs && document.querySelector('[role=option][aria-selected=true]')) load.interactiveMs ??= at
    if (load.interactiveMs && isRead()) return interactive.resolve({ ...load, wholeMs: at })
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
`

/** The answer with all events: as the server sends it, and as it is read. */
async function answerRow({ url, executionId }: ExecutionView): Promise<BenchResult> {
  const headers = { 'accept-encoding': 'gzip' }
  const response = await fetch(`${url}/api/v1/executions/${executionId}/timeline`, { headers })
  const sentBytes = Number(response.headers.get('content-length') ?? Number.NaN)
  const text = await response.text()
  return {
    what: 'answer with all events',
    sentKb: Math.round(sentBytes / 1024),
    textKb: Math.round(text.length / 1024),
  }
}

async function zoomInAndOut(page: Page): Promise<void> {
  await page.locator('[role=group][aria-label^=Lanes]').focus()
  for (const key of ['+', '+', '+', '+', '-', '-', '-', '-']) {
    await page.keyboard.press(key)
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))')
  }
}

const loadRow = (loads: readonly Load[]): BenchResult => ({
  what: 'execution opened',
  drawnMs: Math.round(median(loads.map(({ drawnMs }) => drawnMs))),
  interactiveMs: Math.round(median(loads.map(({ interactiveMs }) => interactiveMs))),
  wholeMs: Math.round(median(loads.map(({ wholeMs }) => wholeMs))),
  slowestMs: Math.round(Math.max(...loads.map(({ interactiveMs }) => interactiveMs))),
})

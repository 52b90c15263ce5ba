import type { Page } from 'playwright-core'
import { type BenchResult } from '../bench-document.ts'
import { percentile, rounded } from '../statistics.ts'

/** What 30 frames a second leave to each, in milliseconds. */
export const frameBudgetMs = 1000 / 30

/** Where the pointer is, how far and how fast its wheel turns. */
export interface ScrollGesture {
  /** A selector of what is scrolled. */
  readonly over: string
  readonly pixels: number
  readonly pixelsPerSecond: number
}

/** How long each frame of a page took, in milliseconds, while `act` went on: from `requestAnimationFrame` to the next. */
export async function framesWhile(page: Page, act: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(`{
    const starts = []
    globalThis.frameStarts = starts
    const take = (at) => { starts.push(at); if (globalThis.frameStarts === starts) requestAnimationFrame(take) }
    requestAnimationFrame(take)
  }`)
  await act()
  // What was done last may not have been drawn yet, and what went fast was within one frame.
  const starts = (await page.evaluate(`new Promise((resolve) => {
    const taken = globalThis.frameStarts
    const end = () => {
      if (taken.length < 2) return requestAnimationFrame(end)
      globalThis.frameStarts = null
      resolve(taken)
    }
    requestAnimationFrame(() => requestAnimationFrame(end))
  })`)) as readonly number[]
  return starts.slice(1).map((start, index) => start - (starts[index] ?? start))
}

/** Turns the wheel as a hand does, by the browser's own input. */
export async function scroll(page: Page, { over, pixels, pixelsPerSecond }: ScrollGesture): Promise<void> {
  const box = await page.locator(over).first().boundingBox()
  if (!box) throw new Error(`there is nothing to scroll at ${over}`)
  const session = await page.context().newCDPSession(page)
  await session.send('Input.synthesizeScrollGesture', {
    x: Math.round(box.x + box.width / 2),
    y: Math.round(box.y + Math.min(box.height, 400) / 2),
    yDistance: -pixels,
    speed: pixelsPerSecond,
    gestureSourceType: 'mouse',
    preventFling: true,
  })
  await session.detach()
}

/** A row about frames. */
export const frameRow = (what: string, frames: readonly number[]): BenchResult => ({
  what,
  frames: frames.length,
  p50Ms: rounded(percentile(frames, 0.5)),
  p99Ms: rounded(percentile(frames, 0.99)),
  longestMs: rounded(Math.max(...frames)),
  in33msShare: rounded(frames.filter((ms) => ms <= frameBudgetMs + 1).length / frames.length, 3),
})

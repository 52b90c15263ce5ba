import type { Page } from 'playwright-core'

/** A bar as the page has drawn it, in pixels of the window. */
export interface DrawnBar {
  readonly kind: string
  readonly style: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The bars of a lane of this kind, from left to right. Those that look the same are one path, so that it is taken apart. */
export async function drawnBars(page: Page, lane: string, kind: string): Promise<readonly DrawnBar[]> {
  const svg = page.locator(`[data-lane="${lane}"] svg`)
  await svg.waitFor()
  const bars = await svg.evaluate((element, wanted): DrawnBar[] => {
    const { left, top } = element.getBoundingClientRect()
    return [...element.querySelectorAll<SVGPathElement>(`path[data-kind="${wanted}"]`)].flatMap((path) =>
      (path.getAttribute('d') ?? '')
        .split(/(?=M)/)
        .filter((d) => d !== '')
        .map((d) => {
          const one = document.createElementNS('http://www.w3.org/2000/svg', 'path')
          one.setAttribute('d', d)
          element.append(one)
          const { x, y, width, height } = one.getBBox()
          one.remove()
          return { kind: wanted, style: path.dataset['style'] ?? '', x: left + x, y: top + y, width, height }
        }),
    )
  }, kind)
  return bars.toSorted((a, b) => a.x - b.x)
}

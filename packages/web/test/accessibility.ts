import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
  }[]
}

/** What axe looks at: all that there is, by every rule, unless given. */
export interface AxeOptions {
  /** A selector. */
  readonly part?: string
  readonly runOnly?: readonly string[]
}

/** What axe finds serious or critical about the page as it stands, or about a part of it. */
export async function seriousFaults(
  page: Page,
  { part = 'html', runOnly }: AxeOptions = {},
): Promise<readonly string[]> {
  // By the protocol of the browser's tools, which the page's content security policy does not bind.
  const session = await page.context().newCDPSession(page)
  const { result: kind } = await session.send('Runtime.evaluate', { expression: 'typeof axe' })
  // To read its half a megabyte takes a browser as long as to look at a page.
  if (kind.value === 'undefined')
    await session.send('Runtime.evaluate', { expression: await readFile(axePath, 'utf8') })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(${JSON.stringify(part)}, ${JSON.stringify({ resultTypes: ['violations'], runOnly })}).then((results) => JSON.stringify({ violations: results.violations }))`,
    awaitPromise: true,
  })
  await session.detach()
  const { violations } = JSON.parse(String(result.value)) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join(' | ')}`,
    )
}

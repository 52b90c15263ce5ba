import { createClient } from '@steptrail/client'
import type { Page } from 'playwright-core'

/** A picture of a page. */
export interface Picture {
  /** Of the file, without its ending. */
  readonly name: string
  readonly path: (url: string) => Promise<string>
  readonly colorScheme: 'light' | 'dark'
  readonly height: number
  /** Brings the page to what the picture shows. */
  readonly prepare: (page: Page) => Promise<void>
}

const at = (path: string) => (): Promise<string> => Promise.resolve(path)
const lanes = '[role=group][aria-label^=Lanes]'

/** The pictures of the README and of the guide to the pages. */
export const pictures: readonly Picture[] = [
  {
    name: 'overview',
    path: at('/'),
    colorScheme: 'light',
    height: 800,
    prepare: async (page) => {
      await page.getByRole('list', { name: 'Executions by day' }).waitFor()
      await page.getByText('on average').first().waitFor()
    },
  },
  {
    name: 'execution',
    path: rolledBack,
    colorScheme: 'light',
    height: 860,
    prepare: async (page) => {
      await page.locator(`[data-lane="UNDO createRealm"]`).waitFor()
    },
  },
  {
    name: 'execution-dark',
    path: rolledBack,
    colorScheme: 'dark',
    height: 860,
    prepare: async (page) => {
      await page.locator(`[data-lane="UNDO createRealm"]`).waitFor()
      await page.locator(lanes).focus()
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight'])
        await page.keyboard.press(key)
      await page.locator('[data-mark=selected]').waitFor()
    },
  },
  {
    name: 'events',
    path: at('/events'),
    colorScheme: 'light',
    height: 800,
    prepare: async (page) => {
      await page.getByRole('option').nth(8).click()
      await page.getByRole('region', { name: 'Details of the selected event' }).waitFor()
    },
  },
  {
    name: 'selection',
    path: at('/selections/incident-2042'),
    colorScheme: 'light',
    height: 800,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Why not' }).first().click()
      await page.getByRole('status').first().waitFor()
    },
  },
  {
    name: 'analytics-dark',
    path: at('/analytics/failure-rate'),
    colorScheme: 'dark',
    height: 800,
    prepare: async (page) => {
      await page.getByRole('img', { name: /as a chart/ }).waitFor()
    },
  },
  {
    name: 'integrity',
    path: at('/integrity'),
    colorScheme: 'light',
    height: 800,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Prove it again' }).click()
      await page.getByText('The log only grew').waitFor()
    },
  },
]

/** The execution of the demo that was undone. */
async function rolledBack(url: string): Promise<string> {
  const { executions } = await createClient({ url }).executions.list({ status: 'failed', limit: 1 })
  const [execution] = executions
  if (!execution) throw new Error(`no execution at ${url} has failed: this is not the demo`)
  return `/executions/${execution.executionId}`
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { goWithin } from './stage.ts'

/** A filter of a page: by what it is called, how it is given, and which parameter of the address it is. */
interface Filter {
  readonly label: string
  readonly kind: 'typed' | 'chosen' | 'time'
  readonly value: string
  readonly parameter: string
}

const typed = (label: string, parameter: string): Filter => ({
  label,
  kind: 'typed',
  value: `nobody-${parameter}`,
  parameter,
})
const chosen = (label: string, parameter: string, value: string): Filter => ({
  label,
  kind: 'chosen',
  value,
  parameter,
})
const time = (label: string, parameter: string): Filter => ({
  label,
  kind: 'time',
  value: label === 'From' ? '2090-01-01T00:00' : '2001-01-01T00:00',
  parameter,
})

/** Every filter of every page that has some, with values that leave something else, or nothing. */
export const filteredPages: readonly (readonly [path: string, filters: readonly Filter[]])[] = [
  [
    '/executions',
    [
      chosen('Status', 'status', 'cancelled'),
      typed('Workflow', 'workflow_name'),
      typed('Correlation id', 'correlation_id'),
      time('From', 'start_date'),
      time('To', 'end_date'),
    ],
  ],
  [
    '/events?refresh=off',
    [
      time('From', 'start_date'),
      time('To', 'end_date'),
      typed('Operation type', 'operation_type'),
      typed('Source', 'source'),
      chosen('Result', 'result', 'warning'),
      typed('Search', 'q'),
      typed('Event type', 'event_type'),
      chosen('Operation', 'operation', 'UNDO'),
      chosen('About', 'entity_type', 'STEP'),
      chosen('Severity', 'severity', 'critical'),
      typed('Workflow', 'workflow_name'),
      typed('Step', 'step_name'),
      typed('Actor', 'actor'),
      typed('Execution', 'execution_id'),
      typed('Correlation id', 'correlation_id'),
    ],
  ],
  ['/selections', [typed('Chosen workflow', 'workflow_name'), time('From', 'since'), time('To', 'until')]],
  [
    '/catalogue',
    [
      chosen('Action type', 'action_type', 'ScaleOut'),
      typed('Workflow', 'workflow_name'),
      chosen('Status', 'status', 'deprecated'),
    ],
  ],
  [
    '/analytics/slow-steps',
    [
      time('From', 'since'),
      time('To', 'until'),
      typed('Workflow', 'workflow_name'),
      typed('Tenant', 'tenant'),
      chosen('Operation', 'operation', 'UNDO'),
    ],
  ],
  ['/analytics/failure-rate', [chosen('Period', 'period', 'month')]],
  ['/analytics/step-retries', [typed('Execution', 'execution_id')]],
  [
    '/analytics/versions?workflow_name=elsewhere',
    [typed('From version', 'from_version'), typed('To version', 'to_version')],
  ],
]

/**
 * Gives each filter of a page for itself: it is in the address, and the result is another; Back takes it out of both. Then
 * all of them at once, which a reload keeps. The page's clock has to be installed.
 */
export async function useEachFilter(
  page: Page,
  [path, filters]: (typeof filteredPages)[number],
): Promise<void> {
  await goWithin(page, path)
  await page.getByRole('search').waitFor()
  const more = page.getByRole('button', { name: 'More filters' })
  if (await more.isVisible()) await more.click()
  const whole = await settledResult(page)
  for (const filter of filters) {
    await put(page, filter)
    await given(page, filter)
    await expect.poll(() => result(page), { message: `${path} ${filter.label}` }).not.toBe(whole)
    await page.goBack()
    await page.waitForURL((url) => !url.searchParams.has(filter.parameter))
    await expect.poll(() => result(page), { message: `${path} without ${filter.label}` }).toBe(whole)
    expect(await input(page, filter).inputValue()).toBe('')
  }
  for (const filter of filters) await put(page, filter)
  for (const filter of filters) await given(page, filter)
  const { href } = new URL(page.url())
  await page.reload()
  await expect.poll(() => result(page), { message: `${path} after a reload` }).not.toBe(whole)
  for (const filter of filters) expect(await input(page, filter).inputValue()).toContain(filter.value)
  expect(page.url()).toBe(href)
}

/** The result when it stays as it is: a chart is drawn after the table under it, and its axis after that. */
async function settledResult(page: Page): Promise<string> {
  let settled = ''
  const isSettled = async (): Promise<boolean> => {
    const before = await result(page)
    await pause(250)
    settled = await result(page)
    return settled === before
  }
  await expect.poll(isSettled).toBe(true)
  return settled
}

const input = (page: Page, { label }: Filter) =>
  page
    .getByRole('search')
    .locator('input')
    .and(page.getByLabel(label, { exact: true }))

async function put(page: Page, filter: Filter): Promise<void> {
  if (filter.kind === 'chosen') {
    await input(page, filter).click()
    await page.getByRole('option', { name: filter.value, exact: true }).click()
    return
  }
  await input(page, filter).fill(filter.value)
  // Until it is taken as a whole word, which nobody waits for here.
  await page.clock.runFor(500)
}

/** Resolves when the address has it. */
const given = (page: Page, filter: Filter): Promise<void> =>
  page.waitForURL(({ searchParams }) =>
    filter.kind === 'time'
      ? searchParams.has(filter.parameter)
      : searchParams.get(filter.parameter) === filter.value,
  )

/**
 * What the page says beside its filter, when it has been read and follows what comes; without the time of day, which goes
 * on.
 */
async function result(page: Page): Promise<string> {
  await page.getByRole('search').waitFor()
  await page.locator('[role=status][aria-label^=Reading]').first().waitFor({ state: 'detached' })
  await page.getByText('Connecting', { exact: true }).waitFor({ state: 'detached' })
  const text = await page.evaluate(`[...document.querySelector('[role=search]').parentElement.children]
    .filter((each) => each.role !== 'search').map((each) => each.innerText).join('\\n')`)
  return String(text).replaceAll(/\d+:\d\d(:\d\d)?(\.\d+)?/g, '')
}

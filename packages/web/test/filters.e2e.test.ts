import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { fillFilteredPages } from './fill-pages.ts'
import { filteredPages, useEachFilter } from './filters.ts'
import { goWithin, setStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
  await fillFilteredPages(stage)
}, 120_000)

describe('filters', () => {
  let filtering: Page

  beforeAll(async () => {
    filtering = await stage.open('/no/such/page')
    await filtering.clock.install()
  })

  it.each(filteredPages)(
    '%s: each goes into the address and narrows the result, Back takes it out, and a reload keeps all',
    (...filtered) => useEachFilter(filtering, filtered),
  )

  it('who goes on after a pause goes on where the text ended', async () => {
    await goWithin(filtering, '/events?refresh=off')
    const search = filtering.getByRole('search').getByLabel('Search', { exact: true })
    await search.pressSequentially('number ')
    await filtering.clock.runFor(500)
    await filtering.waitForURL((url) => url.searchParams.get('q') === 'number')
    await search.pressSequentially('44')
    await filtering.clock.runFor(500)
    await filtering.waitForURL((url) => url.searchParams.get('q') === 'number 44')
  })

  it('two inputs that settle at once are both in the address', async () => {
    await goWithin(filtering, '/executions')
    await filtering.getByLabel('Workflow', { exact: true }).fill('checkout')
    await filtering.getByLabel('Correlation id', { exact: true }).fill('order-1')
    await filtering.clock.runFor(500)
    await filtering.waitForURL(/workflow_name=checkout&correlation_id=order-1$/)
  })

  it('what is typed into one input is one step for Back, however often it settled; what is chosen is another', async () => {
    await goWithin(filtering, '/executions?correlation_id=before')
    const workflow = filtering.getByLabel('Workflow', { exact: true })
    for (const typed of ['check', 'checko', 'checkout']) {
      await workflow.fill(typed)
      await filtering.clock.runFor(500)
      await filtering.waitForURL((url) => url.searchParams.get('workflow_name') === typed)
    }
    await filtering.getByRole('search').getByRole('button', { name: 'Clear', exact: true }).click()
    await filtering.waitForURL((url) => url.search === '')
    await filtering.goBack()
    await filtering.waitForURL(/workflow_name=checkout$/)
    expect(await workflow.inputValue()).toBe('checkout')
    await filtering.goBack()
    await filtering.waitForURL(/\/executions\?correlation_id=before$/)
    expect(await workflow.inputValue()).toBe('')
  })
})

describe('a time that is typed digit by digit', () => {
  it('is taken when it is whole, never half, is one step for Back, and is not lost', async () => {
    const page = await stage.open('/executions?correlation_id=before')
    await page.clock.install()
    const from = page.getByLabel('From', { exact: true })
    const whole = '2025-11-04T22:15:30'
    await from.focus()
    for (const digit of '11042025101530P') {
      await page.keyboard.press(digit)
      expect(new URL(page.url()).searchParams.get('start_date')).toBeNull()
      await page.clock.runFor(400)
    }
    expect(await from.inputValue()).toBe(whole)
    await page.keyboard.press('Enter')
    const taken = String(await page.evaluate(`new Date('${whole}').toISOString()`))
    await page.waitForURL((url) => url.searchParams.get('start_date') === taken)
    // Other seconds after a pause; the year of a time that is there goes through the years of antiquity.
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.type('45')
    await page.clock.runFor(2_000)
    await page.waitForURL((url) => url.searchParams.get('start_date') === taken.replace(':30.', ':45.'))
    for (let part = 0; part < 4; part++) await page.keyboard.press('Shift+Tab')
    for (const digit of '2024') {
      await page.keyboard.press(digit)
      await page.clock.runFor(3_000)
      expect(new URL(page.url()).searchParams.get('start_date')).not.toMatch(/^0/)
      expect(await from.inputValue()).not.toBe('')
    }
    await page.waitForURL((url) => url.searchParams.get('start_date')?.startsWith('2024-11-04') === true)
    await page.goBack()
    await page.waitForURL((url) => url.search === '?correlation_id=before')
    expect(await from.inputValue()).toBe('')
  })

  it('of which a part is taken out narrows as before until it is whole again, which is said', async () => {
    const page = await stage.open('/events?refresh=off&start_date=2025-11-04T10:00:30Z')
    const from = page.getByLabel('From', { exact: true })
    await from.focus()
    await page.keyboard.press('Delete')
    await page.keyboard.press('Shift+Tab')
    await expect.poll(() => from.getAttribute('aria-invalid')).toBe('true')
    expect(page.url()).toContain('start_date=2025-11-04T10:00:30Z')
    await page.goBack()
  })
})

import { migrate, recordIn } from '@steptrail/core'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { seriousFaults } from './accessibility.ts'
import { madeKey } from './made-key.ts'
import { setStage, type Stage, troublesOf } from './stage.ts'

let stage: Stage
let executionId = ''
let admin = ''

beforeAll(async () => {
  stage = await setStage()
  await migrate(stage.database, { roles: true })
  executionId = await stage.shop.checkout('visa')
  admin = await madeKey(stage, { name: 'boss', scopes: ['admin'] })
}, 120_000)

async function give(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key or token').fill(key)
  await page.getByRole('button', { name: 'Use it' }).click()
}

const forget = (page: Page): Promise<void> => page.getByRole('button', { name: 'Forget the key' }).click()

describe('after another key is given', () => {
  it('nothing is shown of what came live to the one before', async () => {
    const [acme, zeta] = await Promise.all(
      ['acme', 'zeta'].map((tenant) => madeKey(stage, { name: tenant, scopes: ['read'], tenant }, admin)),
    )
    const page = await stage.open('/events?operation_type=told', {})
    await give(page, acme ?? '')
    await page.locator('main [data-state=live]').waitFor()
    await stage.database.transaction((tx) =>
      recordIn(tx, [{ eventType: 'OPERATION', action: 'told', tenant: 'acme', message: 'between us' }]),
    )
    await page.getByRole('option').getByText('between us').waitFor()
    await forget(page)
    await give(page, zeta ?? '')
    await page.locator('[data-state=live]').waitFor()
    await page.getByText(/^0 events/).waitFor()
    await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
  })

  it('the tab is not named after what the one before saw, and the focus is on the page', async () => {
    const page = await stage.open(`/executions/${executionId}`, {})
    await give(page, admin)
    await expect.poll(() => page.title()).toMatch(/^checkout/)
    await page.locator('#content:focus').waitFor()
    await forget(page)
    await page.getByRole('heading', { name: 'The server asks for a key' }).waitFor()
    expect(await page.title()).toBe('Executions – Steptrail')
    await page.locator('#content:focus').waitFor()
  })
})

it('a text that can be no key is refused where it was typed, and is not lost', async () => {
  const page = await stage.open('/events', {})
  for (const text of ['schlüssel', 'two words']) {
    await give(page, text)
    await page.getByText('holds what no key does').waitFor()
    expect(await page.getByLabel('Key or token').inputValue()).toBe(text)
    expect(await seriousFaults(page)).toEqual([])
  }
  await give(page, admin)
  await page.getByRole('option').first().waitFor()
  expect(troublesOf(page).filter((trouble) => !trouble.includes('401'))).toEqual([])
})

import { setTimeout as pause } from 'node:timers/promises'
import { recordIn } from '@steptrail/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { goWithin, setStage, type Stage, troublesOf } from './stage.ts'
import { emptyAddresses } from './trouble.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
  await stage.shop.checkout('visa')
  await stage.shop.shipment('closed', 'blocked')
}, 120_000)

describe('the overview and the executions', () => {
  it('say what needs a person, and lead to it', async () => {
    const page = await stage.visit('/')
    const card = page.getByRole('region', { name: 'Needs a person' })
    await card.getByRole('link', { name: 'shipment' }).click()
    await page.getByText('It waits for an operator').waitFor()
  })

  it('narrow by status and workflow', async () => {
    const page = await stage.visit('/executions')
    await page.getByRole('link', { name: /checkout/ }).waitFor()
    await page.getByLabel('Workflow', { exact: true }).fill('shipment')
    await page.waitForURL(/workflow_name=shipment/)
    await page.getByRole('link', { name: /checkout/ }).waitFor({ state: 'detached' })
    await goWithin(page, '/executions?status=completed')
    await page.getByRole('link', { name: /checkout/ }).waitFor()
    expect(await page.getByRole('link', { name: /shipment/ }).count()).toBe(0)
    await goWithin(page, '/executions?status=cancelled')
    await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
  })

  it('show an execution as soon as it starts, without a reload', async () => {
    const page = await stage.visit('/executions?correlation_id=just-now')
    await page.locator('[data-state=live]').waitFor()
    await stage.shop.checkout('visa', 'completed', 'just-now')
    await page.getByRole('table').getByText('completed').waitFor()
    expect(troublesOf(page)).toEqual([])
  })

  it('show it also while events come faster than the list is read', { timeout: 60_000 }, async () => {
    const page = await stage.open('/executions?correlation_id=in-the-rush')
    await page.locator('[data-state=live]').waitFor()
    await page.route('**/api/v1/executions?*', async (route) => {
      await pause(1_500)
      await route.continue()
    })
    const over = new AbortController()
    const rush = async (): Promise<void> => {
      while (!over.signal.aborted) await stage.shop.checkout('visa')
    }
    const rushes = [rush(), rush()]
    await stage.shop.checkout('visa', 'completed', 'in-the-rush')
    const isShown = page.getByRole('table').getByText('completed').waitFor({ timeout: 15_000 })
    await isShown.finally(() => over.abort())
    await Promise.all(rushes)
    await page.close()
  })

  it('say that what comes appears by itself only where something can come', async () => {
    for (const [query, words] of [
      ['workflow_name=none', 'What starts and matches appears here by itself.'],
      ['workflow_name=none&end_date=2090-01-01', 'What starts and matches appears here by itself.'],
      ['status=cancelled&end_date=2001-01-01', 'What comes to match appears here by itself.'],
      ['end_date=2001-01-01', null],
    ] as const) {
      const page = await stage.visit(`/executions?${query}`)
      await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
      const said = page.getByText(/appears here by itself/)
      const texts = (await said.allTextContents()).map((text) => text.replace('Clear the filter', ''))
      expect(texts, query).toEqual(words === null ? [] : [words])
    }
    const page = await stage.visit('/events?end_date=2001-01-01')
    await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
    expect(await page.getByText(/appears here by itself/).count()).toBe(0)
    await goWithin(page, '/events?end_date=2090-01-01&operation_type=to_come')
    await page.locator('[data-state=live]').waitFor()
    const event = { eventType: 'OPERATION', action: 'to_come', message: 'before the end' }
    await stage.database.transaction((tx) => recordIn(tx, [event]))
    await page.getByRole('option').getByText('before the end').waitFor()
  })

  it('lead to an execution by its id, and say of what is none that it is', async () => {
    const executionId = await stage.shop.checkout('visa')
    const page = await stage.visit('/executions')
    await page.getByLabel('Execution id').fill(executionId.slice(1))
    await page.keyboard.press('Enter')
    await page.getByText('This is no id').waitFor()
    await page.getByLabel('Execution id').fill(` ${executionId.toUpperCase()}`)
    await page.waitForURL(new RegExp(`/executions/${executionId}$`))
  })

  it('say that an address is no page', async () => {
    const page = await stage.open('/no/such/page')
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })

  it('say of an address that names nothing that there is no such thing', async () => {
    for (const [path, thing] of emptyAddresses) {
      const page = await stage.visit(path)
      await page.getByRole('heading', { name: `There is no such ${thing}` }).waitFor()
      expect(await page.getByText('this filter').count(), path).toBe(0)
    }
  })
})

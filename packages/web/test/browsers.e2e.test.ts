import { recordIn } from '@steptrail/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { setFilledStage } from './fill-pages.ts'
import { goWithin, type Stage, troublesOf } from './stage.ts'

let stage: Stage
let executionId = ''
let blockedId = ''
let workflowId = ''

beforeAll(async () => {
  ;({ stage, executionId, blockedId, workflowId } = await setFilledStage())
}, 120_000)

it('two tabs that show an execution both show what is ordered in one, by themselves', async () => {
  const id = await stage.shop.shipment('closed', 'blocked')
  const profile = await stage.browser.newContext({ viewport: { width: 1300, height: 900 } })
  const [one, other] = [await profile.newPage(), await profile.newPage()]
  for (const page of [one, other]) {
    await page.goto(`${stage.url}/executions/${id}`)
    await page.locator('main [data-state=live]').waitFor()
  }
  await one.getByRole('button', { name: 'Skip ship DO' }).click()
  const dialog = one.getByRole('dialog')
  await dialog.getByLabel('Your name').fill('anna')
  await dialog.getByLabel('Reason').fill('carried by hand')
  await dialog.getByRole('button', { name: 'Skip ship DO' }).click()
  for (const page of [one, other]) {
    await page.locator('[data-status=completed]').waitFor()
    await page.getByRole('option').getByText('carried by hand').waitFor()
    await page.getByRole('option').getByText('ORCHESTRATION_COMPLETED').waitFor()
    expect(await page.getByRole('button', { name: 'Skip ship DO' }).count()).toBe(0)
    const numbers = await page.getByRole('option').evaluateAll((rows) => rows.map((row) => row.textContent))
    expect(new Set(numbers).size).toBe(numbers.length)
  }
  await profile.close()
})

describe('a browser that keeps nothing for pages', () => {
  it.each([
    [
      'at the first touch',
      `for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get: () => { throw new DOMException('blocked', 'SecurityError') } })`,
    ],
    [
      'at each use',
      `for (const name of ['getItem', 'setItem', 'removeItem', 'key', 'clear'])
      Storage.prototype[name] = () => { throw new DOMException('blocked', 'SecurityError') }`,
    ],
  ])('which throws %s, shows every page', { timeout: 90_000 }, async (_, blocking) => {
    const page = await stage.open('/no/such/page', {})
    await page.addInitScript(blocking)
    await page.goto(`${stage.url}/`)
    for (const [path, text] of [
      ['/', 'Needs a person'],
      ['/executions', 'checkout'],
      [`/executions/${executionId}`, 'Verify this run'],
      ['/events', 'OPERATION'],
      ['/selections/incident-7', 'The story'],
      ['/catalogue', 'drain'],
      [`/catalogue/${workflowId}`, 'Versions'],
      ['/analytics/slow-steps', 'the median marked'],
      ['/integrity', 'the first checkpoint that this browser sees'],
      ['/administration', 'Dry run'],
      ['/administration?tab=keys', 'The first key ends that'],
    ] as const) {
      await goWithin(page, path)
      await page.getByText(text).first().waitFor()
    }
    await goWithin(page, '/integrity')
    await page.getByRole('button', { name: 'Prove it again' }).click()
    await page.getByText('The log only grew').waitFor()
    await goWithin(page, '/events?source=frontend&refresh=off')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Save this filter as').fill('of the frontend')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'of the frontend' }).waitFor()
    await goWithin(page, `/executions/${blockedId}`)
    await page.getByRole('button', { name: 'Skip ship DO' }).click()
    await page.getByLabel('Your name').fill('anna')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Skip ship DO' }).click()
    expect(await page.getByLabel('Your name').inputValue()).toBe('anna')
    await page.keyboard.press('Escape')
    expect(troublesOf(page)).toEqual([])
    await page.getByRole('radiogroup', { name: 'Colours' }).getByText('Dark').click()
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
  })
})

it('a browser in a zone of half hours types, shows and filters the same time', async () => {
  const at = '2026-03-08T12:34:56.000Z'
  await stage.database.transaction((tx) =>
    recordIn(
      tx,
      [
        ['2026-03-08T12:34:55.999Z', 'just before'],
        [at, 'on the second'],
        ['2026-03-08T12:34:57.000Z', 'just after'],
      ].map(([timestamp, message]) => ({
        eventType: 'OPERATION',
        action: 'in_a_zone',
        timestamp: timestamp ?? '',
        message: message ?? '',
      })),
    ),
  )
  const page = await stage.open('/events?operation_type=in_a_zone&refresh=off&start_date=2026-03-01', {
    timezoneId: 'America/St_Johns',
  })
  await page.getByRole('option').getByText('on the second').waitFor()
  // On that day the clocks went forward, to half past two behind UTC.
  const [from, until] = [page.getByLabel('From', { exact: true }), page.getByLabel('To', { exact: true })]
  expect(await from.inputValue()).toBe('2026-02-28T20:30')
  await from.fill('2026-03-08T10:04:56')
  await page.waitForURL((url) => url.searchParams.get('start_date') === at)
  await until.fill('2026-03-08T10:04:56')
  await page.waitForURL((url) => url.searchParams.get('end_date') === at)
  const shown = page.getByRole('listbox', { name: /^Events/ }).getByRole('option')
  await expect.poll(() => shown.count()).toBe(1)
  expect(await shown.textContent()).toContain('on the second')
  expect(await shown.locator('time').textContent()).toContain('10:04:56.000')
  expect(await shown.locator('time').getAttribute('title')).toBe('2026-03-08 12:34:56.000 UTC')
  await page.reload()
  expect([await from.inputValue(), await until.inputValue()]).toEqual([
    '2026-03-08T10:04:56',
    '2026-03-08T10:04:56',
  ])
  await expect.poll(() => shown.count()).toBe(1)
})

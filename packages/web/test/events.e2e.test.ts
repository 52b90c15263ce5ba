import { readFile } from 'node:fs/promises'
import { recordIn } from '@steptrail/core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Page, Route } from 'playwright-core'
import { hostile } from './shop.ts'
import { answerWith } from './trouble.ts'
import { goWithin, setStage, type Stage, troublesOf } from './stage.ts'

let stage: Stage

const recorded = 450

beforeAll(async () => {
  stage = await setStage()
  const events = Array.from({ length: recorded }, (_, index) => ({
    timestamp: new Date(Date.now() - index * 60_000).toISOString(),
    eventType: 'OPERATION',
    action: index % 3 === 0 ? 'config_update' : 'scan_process',
    serviceName: index % 2 === 0 ? 'api-service' : 'frontend',
    status: index % 10 === 0 ? ('FAILED' as const) : ('SUCCESS' as const),
    actorType: 'user' as const,
    actorId: index % 5 === 0 ? 'mary' : 'bob',
    message: `operation number ${index}`,
    details: { index },
  }))
  await stage.database.transaction((tx) => recordIn(tx, events))
  await stage.shop.checkout('visa')
  await stage.shop.shipment('closed', 'blocked')
}, 120_000)

/** How many events the page says that there are. */
const countShown = async (page: Page): Promise<number> => {
  const text = await page
    .getByText(/^[\d,]+ events?/)
    .first()
    .textContent()
  return Number(/^[\d,]+/.exec(text ?? '')?.[0].replaceAll(',', ''))
}

/** The input with this label, and not the list of suggestions that has it as well. */
const field = (page: Page, label: string) =>
  page.locator('input').and(page.getByLabel(label, { exact: true }))

/** Events that match, as the API counts them. */
async function counted(query: string): Promise<number> {
  const response = await fetch(`${stage.url}/api/v1/audit/events?include_total=true&limit=1&${query}`)
  return ((await response.json()) as { readonly total: number }).total
}

const record = (action: string, message: string) =>
  stage.database.transaction((tx) =>
    recordIn(tx, [{ eventType: 'OPERATION', action, serviceName: 'frontend', message }]),
  )

describe('the events page', () => {
  it('shows the events of the last 7 days, the newest first', async () => {
    const page = await stage.open('/events')
    await page.getByRole('option').first().waitFor()
    expect(await countShown(page)).toBe(await counted(''))
    const listed = page.getByRole('listbox', { name: 'Events, the newest first' })
    expect(await listed.getByRole('option').count()).toBeLessThan(60)
    expect(troublesOf(page)).toEqual([])
  })

  it('narrows by what is typed to as many events as the API counts', async () => {
    const page = await stage.visit('/events?refresh=off')
    for (const [label, typed, query] of [
      ['Operation type', 'config_update', 'operation_type=config_update'],
      ['Source', 'api-service', 'source=api-service'],
      ['Search', 'number 44', 'q=number+44'],
    ] as const) {
      await goWithin(page, '/events?refresh=off')
      // Not one of the choices that an input may show.
      await page.getByRole('listbox', { name: 'Events' }).getByRole('option').first().waitFor()
      await field(page, label).fill(typed)
      await page.waitForURL((url) => url.search.includes(query))
      const expected = await counted(query)
      expect(expected).toBeLessThan(recorded)
      await page
        .getByText(new RegExp(`^${expected} events?`))
        .first()
        .waitFor()
    }
  })

  it('narrows by what is chosen from a list, by time, and by what is behind the button', async () => {
    const page = await stage.visit('/events?refresh=off')
    await page
      .getByRole('textbox', { name: 'Result' })
      .or(page.getByRole('combobox', { name: 'Result' }))
      .first()
      .click()
    await page.getByRole('option', { name: 'failure', exact: true }).click()
    await page.waitForURL(/result=failure/)
    await page.getByRole('button', { name: 'More filters' }).click()
    await page.getByLabel('Actor', { exact: true }).fill('mary')
    await page.waitForURL(/actor=mary/)
    await page
      .getByText(new RegExp(`^${await counted('result=failure&actor=mary')} events?`))
      .first()
      .waitFor()
    await page.getByLabel('From', { exact: true }).fill('2020-01-01T00:00:00')
    await page.getByLabel('To', { exact: true }).fill('2020-01-02T00:00:00')
    await page.waitForURL(/end_date=2020-01-0/)
    await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.getByRole('option').first().waitFor()
  })

  it('shows what is recorded without a reload, where it matches the filter', async () => {
    const page = await stage.visit('/events?operation_type=cache_refresh')
    await page.locator('[data-state=live]').waitFor()
    await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
    await record('data_cleanup', 'this is filtered out')
    await record('cache_refresh', 'this came live')
    await page.getByRole('option').getByText('this came live').waitFor()
    expect(await page.getByText('this is filtered out').count()).toBe(0)
    await record('cache_refresh', 'and this after it')
    await page.getByRole('option').first().getByText('and this after it').waitFor()
    expect(await countShown(page)).toBe(2)
  })

  it('lists what comes late at its time, and nothing of another time', async () => {
    const page = await stage.visit('/events?operation_type=copied')
    await page.locator('[data-state=live]').waitFor()
    await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
    for (const [daysAgo, message] of [
      [1, 'of yesterday'],
      [8, 'of last week'],
      [0, 'of today'],
      [2, 'of the day before'],
    ] as const) {
      const timestamp = new Date(Date.now() - daysAgo * 86_400_000).toISOString()
      const event = { eventType: 'OPERATION', action: 'copied', message, timestamp }
      await stage.database.transaction((tx) => recordIn(tx, [event]))
    }
    await page.getByRole('option').nth(2).waitFor()
    const said = await page.getByRole('option').allTextContents()
    expect(said.map((text) => /of (?:the )?[a-z]+/.exec(text)?.[0])).toEqual([
      'of today',
      'of yesterday',
      'of the day',
    ])
    expect(await countShown(page)).toBe(3)
  })

  it('saves all that match as CSV, as many rows as it counts, as NDJSON and as Parquet', async () => {
    const page = await stage.visit('/events?operation_type=scan_process&refresh=off')
    await page.getByRole('option').first().waitFor()
    const expected = await countShown(page)
    expect(expected).toBeGreaterThan(200)
    for (const [choice, name] of [
      ['CSV', 'csv'],
      ['NDJSON', 'ndjson'],
      ['Parquet', 'parquet'],
    ] as const) {
      await page.getByRole('button', { name: 'Export' }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: new RegExp(`^${choice}`) }).click(),
      ])
      expect(download.suggestedFilename()).toBe(`steptrail-events.${name}`)
      const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n')
      if (name !== 'parquet') expect(lines.length - (name === 'csv' ? 2 : 1)).toBe(expected)
      await page.getByText(`Saved ${expected.toLocaleString('en')} events as ${choice}`).waitFor()
    }
  })

  it('shows everything that is on record of an event, by mouse and by keyboard, and keeps it in the address', async () => {
    const page = await stage.visit('/events?q=operation+number+7')
    await page.getByRole('option').first().click()
    const detail = page.getByRole('region', { name: 'Details of the selected event' })
    await detail.getByText('"index": 7').first().waitFor()
    await page.waitForURL(/event=[0-9a-f-]{36}/)
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await detail.getByText('"index": 70').first().waitFor()
    await page.reload()
    await detail.getByText('"index": 70').first().waitFor()
    await detail.getByRole('button', { name: 'Close the details' }).click()
    await page.waitForURL((url) => !url.searchParams.has('event'))
  })

  it('says when it cannot read on, does not ask for ever, and reads on when it is told to', async () => {
    const page = await stage.open('/events?refresh=off')
    const list = page.getByRole('listbox')
    await list.getByRole('option').first().waitFor()
    let asked = 0
    const refuse = (route: Route): Promise<void> | undefined => {
      asked += 1
      return answerWith('403', route)
    }
    await page.route('**/api/v1/audit/events?*cursor=*', refuse)
    await list.focus()
    await page.keyboard.press('End')
    await page.getByText('The events before these could not be read').waitFor()
    await page.keyboard.press('Home')
    await page.keyboard.press('End')
    expect(asked).toBe(1)
    await page.unroute('**/api/v1/audit/events?*cursor=*', refuse)
    await page.getByRole('button', { name: 'Read on' }).click()
    await page.getByText('The events before these could not be read').waitFor({ state: 'detached' })
    await list.locator('[aria-setsize="400"]').first().waitFor()
    await list.focus()
    await page.keyboard.press('End')
    await list
      .locator(`[aria-setsize="${await countShown(page)}"]`)
      .first()
      .waitFor()
  })

  it('says when a search that has found nothing yet cannot go on, and goes on when it is told to', async () => {
    const page = await stage.open('/no/such/page')
    await page.route('**/api/v1/audit/events?*q=far*', async (route) => {
      if (route.request().url().includes('cursor=')) return answerWith('403', route)
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), events: [], next_cursor: 'on' } })
    })
    await goWithin(page, '/events?q=far&refresh=off')
    await page.getByRole('heading', { name: 'This key may not do that' }).waitFor()
    expect(await page.getByText('Nothing matches').count()).toBe(0)
    await page.close()
  })

  it('shows each event from its beginning, whatever was asked to be whole of the one before', async () => {
    const long = 'A long story. '.repeat(200)
    await record('told', long)
    await record('told', long)
    const page = await stage.visit('/events?operation_type=told&refresh=off')
    const list = page.getByRole('listbox', { name: 'Events' })
    await list.getByRole('option').first().click()
    const details = page.getByRole('region', { name: 'Details of the selected event' })
    const whole = details.getByRole('button', { name: /^Show all/ })
    await whole.first().click()
    await whole.first().waitFor({ state: 'detached' })
    await list.focus()
    await page.keyboard.press('ArrowDown')
    await whole.first().waitFor()
  })

  it('begins at the top when another filter is chosen, also one that was read before', async () => {
    const page = await stage.visit('/events?operation_type=scan_process&refresh=off')
    const list = page.getByRole('listbox', { name: 'Events' })
    await list.getByRole('option').getByText('operation number').first().waitFor()
    await goWithin(page, '/events?refresh=off')
    await list.getByRole('option').getByText('operation number').first().waitFor()
    await list.evaluate((element) => (element.scrollTop = 3_000))
    await expect.poll(() => list.locator('[aria-posinset="1"]').count()).toBe(0)
    await field(page, 'Operation type').fill('scan_process')
    await page.waitForURL(/operation_type=scan_process/)
    await list.locator('[aria-posinset="1"]').waitFor()
    expect(await list.evaluate(({ scrollTop }) => scrollTop)).toBe(0)
  })

  it('counts what it lists, also where the server counted a moment later', async () => {
    const page = await stage.open('/no/such/page')
    await page.route('**/api/v1/audit/events?*operation_type=config_update*', async (route) => {
      const response = await route.fetch()
      const json = (await response.json()) as { readonly total?: number }
      await route.fulfill({ response, json: { ...json, total: (json.total ?? 0) + 1 } })
    })
    await goWithin(page, '/events?operation_type=config_update&refresh=off')
    await page.getByRole('option').first().waitFor()
    expect(await countShown(page)).toBe(await counted('operation_type=config_update'))
    await page.close()
  })

  it('reads the list again before what came live has no room beside it', async () => {
    const page = await stage.open('/events?operation_type=flood')
    await page.locator('[data-state=live]').waitFor()
    await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor()
    let readings = 0
    page.on('request', (request) => {
      if (request.url().includes('operation_type=flood&limit')) readings += 1
    })
    const flood = 2_600
    const events = Array.from({ length: flood }, () => ({ eventType: 'OPERATION', action: 'flood' }))
    await stage.database.transaction((tx) => recordIn(tx, events))
    await expect.poll(() => countShown(page)).toBe(flood)
    await expect.poll(() => readings).toBeGreaterThan(0)
    await page.close()
  })

  it('is printed in light colours with all that is listed, and goes on as it was', async () => {
    const page = await stage.open('/events?refresh=off', { colorScheme: 'dark' })
    const rows = page.locator('[aria-setsize]')
    await rows.first().waitFor()
    await page.evaluate(`addEventListener('beforeprint', () => {
      const { mantineColorScheme } = document.documentElement.dataset
      window.printed = [mantineColorScheme, document.querySelectorAll('[aria-setsize]').length]
    })`)
    const paper = (await page.pdf({ format: 'A4' })).toString('latin1')
    expect(await page.evaluate('window.printed')).toEqual(['light', 200])
    expect([...paper.matchAll(/\/Type ?\/Page\b/g)].length).toBeGreaterThan(3)
    await expect.poll(() => rows.count()).toBeLessThan(60)
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
    expect(troublesOf(page)).toEqual([])
  })

  it('keeps a filter under a name', async () => {
    const page = await stage.visit('/events?source=frontend')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Save this filter as').fill('what people do')
    await page.keyboard.press('Enter')
    await goWithin(page, '/events')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByRole('button', { name: 'what people do' }).click()
    await page.waitForURL(/source=frontend/)
  })

  it('keeps the filters of two tabs', async () => {
    const profile = await stage.open('/events?source=frontend&refresh=off', {})
    const other = await profile.context().newPage()
    await other.goto(`${stage.url}/events?source=api-service&refresh=off`)
    for (const [page, name] of [
      [profile, 'first'],
      [other, 'second'],
    ] as const) {
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByLabel('Save this filter as').fill(name)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name, exact: true }).waitFor()
      await page.keyboard.press('Escape')
    }
    for (const page of [profile, other]) {
      await page.getByRole('button', { name: 'Views', exact: true }).click()
      for (const name of ['first', 'second']) await page.getByRole('button', { name, exact: true }).waitFor()
    }
    await profile.context().close()
  })

  it('forgets at Clear what was typed a moment before', async () => {
    const page = await stage.visit('/events?source=frontend&refresh=off')
    await field(page, 'Search').fill('nothing has this')
    await page.getByRole('search').getByRole('button', { name: 'Clear', exact: true }).click()
    await page.waitForURL((url) => !url.search.includes('source'))
    expect(await field(page, 'Search').inputValue()).toBe('')
    expect(await page.evaluate('document.activeElement.tagName')).not.toBe('BODY')
  })

  it('shows what a view narrows by, also what is behind the button', async () => {
    const page = await stage.visit('/events?correlation_id=order-7')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Save this filter as').fill('one order')
    await page.keyboard.press('Enter')
    await goWithin(page, '/events')
    await page.getByRole('button', { name: 'More filters' }).waitFor()
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByRole('button', { name: 'one order' }).click()
    await expect.poll(() => field(page, 'Correlation id').inputValue()).toBe('order-7')
  })

  it('names to a screen reader no row as selected that is not drawn', async () => {
    const { events } = (await (await fetch(`${stage.url}/api/v1/audit/events?limit=100`)).json()) as {
      readonly events: readonly { readonly id: string }[]
    }
    const page = await stage.visit(`/events?refresh=off&event=${events.at(-1)?.id ?? ''}`)
    const list = page.getByRole('listbox', { name: 'Events, the newest first' })
    await list.locator('[aria-selected=true]').waitFor()
    await list.evaluate('document.querySelector("[role=listbox]").scrollTop = 0')
    await list.locator('[aria-selected=true]').waitFor({ state: 'detached' })
    expect(await list.getAttribute('aria-activedescendant')).toBeNull()
  })

  it('shows what is hostile as text', async () => {
    const executionId = hostile.slice(0, 200)
    const event = { eventType: 'OPERATION', action: 'hostile', message: hostile, executionId }
    await stage.database.transaction((tx) => recordIn(tx, [event]))
    const page = await stage.visit('/events?operation_type=hostile')
    await page.getByRole('option').first().click()
    await page
      .getByRole('button', { name: /Show all [\d,]+ characters/ })
      .first()
      .click()
    await page.getByText('⟨U+202E⟩txt.exe').first().waitFor()
    await page.getByRole('link', { name: /^<script>.*⟨U\+202E⟩…$/ }).waitFor()
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    expect(troublesOf(page)).toEqual([])
  })
})

it('loads at most 350 KB of compressed JavaScript before a page shows something', async () => {
  const page = await (await fetch(`${stage.url}/`, { headers: { accept: 'text/html' } })).text()
  const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? '')
  expect(scripts.length).toBeGreaterThan(0)
  let bytes = 0
  for (const path of scripts) {
    const { headers } = await fetch(`${stage.url}${path}`, { headers: { 'accept-encoding': 'gzip' } })
    expect(headers.get('content-encoding')).toBe('gzip')
    bytes += Number(headers.get('content-length') ?? Number.NaN)
  }
  expect(bytes).toBeLessThan(350 * 1024)
})

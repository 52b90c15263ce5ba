import { type EventToWrite, getExecution, insertEvents, recordIn } from '@steptrail/core'
import { engineCapabilities, uuidV7 } from '@steptrail/event'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { seriousFaults } from './accessibility.ts'
import { drawnBars } from './drawn-bars.ts'
import { observeOrder } from './observed-order.ts'
import { goWithin, isNoRow, setStage, type Stage, troublesOf } from './stage.ts'
import { tellRolledBack } from './told-story.ts'
import { answerWith } from './trouble.ts'

let stage: Stage
let paid = ''
let rolledBack = ''
let blocked = ''
/** Known by its events alone. */
let told = ''

beforeAll(async () => {
  stage = await setStage()
  paid = await stage.shop.checkout('flaky', 'completed', 'order-4711')
  rolledBack = await stage.shop.checkout('stolen', 'failed')
  blocked = await stage.shop.shipment('closed', 'blocked')
}, 120_000)

/** 300 steps that started and worked, one after the other: more events than are read at once. */
function longHistory(): readonly EventToWrite[] {
  const executionId = uuidV7(Date.now())
  const from = Date.now() - 60_000
  const moments = [
    ['ORCHESTRATION_STARTED', null] as const,
    ...Array.from({ length: 300 }, (_, step) => [
      ['STEP_STARTED', `step-${step}`] as const,
      ['STEP_SUCCESS', `step-${step}`] as const,
    ]).flat(),
    ['ORCHESTRATION_COMPLETED', null] as const,
  ]
  return moments.map(([eventType, stepName], index) => ({
    id: uuidV7(from + index),
    timestamp: new Date(from + index).toISOString(),
    eventType,
    entityType: stepName === null ? 'ORCHESTRATION' : 'STEP',
    executionId,
    executionSeq: index + 1,
    workflowName: 'long',
    workflowVersion: '1.0.0',
    correlationId: executionId,
    ...(stepName !== null && { stepName, operationType: 'DO', durationMs: 1 }),
  }))
}

describe('the page of an execution', () => {
  it('shows its steps, its attempts and its events from a cold start', async () => {
    const page = await stage.open(`/executions/${paid}`)
    await page.getByRole('heading', { level: 1, name: 'checkout 1.2.0' }).waitFor()
    await page.locator('[data-lane]').first().waitFor()
    expect(
      await page
        .locator('[data-lane]')
        .evaluateAll((lanes) => lanes.map((lane) => lane.getAttribute('data-lane'))),
    ).toEqual(['DO reserve', 'DO wrap', 'DO charge'])
    const attempts = await drawnBars(page, 'DO charge', 'attempt')
    expect(attempts.map(({ style }) => style)).toEqual(['failed', 'failed', 'success'])
    expect(await drawnBars(page, 'DO charge', 'backoff')).toHaveLength(2)
    expect(await page.getByRole('listbox').getByRole('option').first().textContent()).toContain(
      'ORCHESTRATION_STARTED',
    )
    expect(troublesOf(page)).toEqual([])
  })

  it('draws a rollback below its line, in reverse order', async () => {
    const page = await stage.visit(`/executions/${rolledBack}`)
    const drawn = page.locator('[data-lane]')
    await drawn.first().waitFor()
    const tops = await drawn.evaluateAll((lanes) =>
      lanes.map((lane) => [lane.getAttribute('data-lane'), lane.getBoundingClientRect().top] as const),
    )
    expect(tops.toSorted((a, b) => a[1] - b[1]).map(([name]) => name)).toEqual(
      ['DO reserve', 'DO wrap', 'DO charge', 'UNDO charge', 'UNDO wrap', 'UNDO reserve'].filter((name) =>
        tops.some(([drawnName]) => drawnName === name),
      ),
    )
    const lefts: number[] = []
    for (const [lane] of tops.toSorted((a, b) => a[1] - b[1]).filter(([name]) => name?.startsWith('UNDO')))
      lefts.push(...(await drawnBars(page, lane ?? '', 'attempt')).map(({ x }) => x))
    expect(lefts).toEqual(lefts.toSorted((a, b) => a - b))
    expect(lefts.length).toBeGreaterThanOrEqual(2)
  })

  it('says of a bar that is clicked which attempt it was, who made it, and what was reported; and the address keeps it', async () => {
    const page = await stage.visit(`/executions/${paid}`)
    const [, second] = await drawnBars(page, 'DO charge', 'attempt')
    if (!second) throw new Error('there is no second attempt')
    await page.mouse.move(second.x + second.width / 2, second.y + second.height / 2)
    await page.locator('[data-mark=pointed] title').getByText('attempt 2').waitFor({ state: 'attached' })
    await page.mouse.click(second.x + second.width / 2, second.y + second.height / 2)
    await page.locator('[data-mark=selected]').waitFor()
    const detail = page.getByRole('region', { name: 'Details of the selected event' })
    await detail.getByText('the bank did not answer').first().waitFor()
    expect(await detail.getByRole('heading', { level: 2 }).textContent()).toBe('STEP_FAILED')
    await detail.getByText('failure').first().waitFor()
    expect(await page.getByRole('option', { selected: true }).textContent()).toContain('attempt 2')
    await page.reload()
    await detail.getByText('the bank did not answer').first().waitFor()
    expect(page.url()).toContain('event=')
  })

  it('zooms at the pointer, keeps the stretch in the address, and shows all again', async () => {
    const page = await stage.visit(`/executions/${paid}`)
    const firstPause = async () => {
      const [bar] = await drawnBars(page, 'DO charge', 'backoff')
      if (!bar) throw new Error('there is no bar')
      return bar
    }
    const before = await firstPause()
    await page.mouse.move(before.x + before.width / 2, before.y + before.height / 2)
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -200)
    await page.keyboard.up('Control')
    await page.waitForURL(/from=\d+&to=\d+/)
    const after = await firstPause()
    expect(after.width).toBeGreaterThan(before.width * 1.5)
    expect(Math.abs(after.x + after.width / 2 - (before.x + before.width / 2))).toBeLessThan(4)
    const zoomed = page.url()
    await page.goto(zoomed)
    expect((await firstPause()).width).toBeGreaterThan(before.width * 1.5)
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.waitForURL((url) => !url.searchParams.has('from'))
  })

  it('selects nothing where the chart was dragged to', async () => {
    const page = await stage.visit(`/executions/${paid}`)
    const [bar] = await drawnBars(page, 'DO charge', 'attempt')
    if (!bar) throw new Error('there is no bar')
    const [x, y] = [bar.x + bar.width / 2, bar.y + bar.height / 2]
    await page.mouse.move(x, y)
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -200)
    await page.keyboard.up('Control')
    await page.waitForURL(/from=\d+&to=\d+/)
    const zoomed = page.url()
    await page.mouse.down()
    await page.mouse.move(x - 60, y, { steps: 5 })
    await page.mouse.up()
    await expect.poll(() => page.url()).not.toBe(zoomed)
    await page.waitForURL((url) => `${url}` !== zoomed && url.searchParams.has('from'))
    expect(page.url()).not.toContain('event=')
  })

  it('can be read by keyboard alone', async () => {
    const page = await stage.visit(`/executions/${paid}`)
    await page.locator('[data-lane]').first().waitFor()
    await page.getByRole('group', { name: /^Lanes/ }).focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('option', { selected: true }).getByText('reserve').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    const selected = page.getByRole('option', { selected: true })
    await selected.getByText('attempt 2').waitFor()
    await page.getByRole('listbox').focus()
    await page.keyboard.press('End')
    await selected.getByText('ORCHESTRATION_COMPLETED').waitFor()
    await page.keyboard.press('ArrowUp')
    await selected.getByText('STEP_SUCCESS').waitFor()
  })

  it('follows an execution that is under way, without a reload', async () => {
    const slow = await stage.shop.checkout('slow', 'running')
    const page = await stage.visit(`/executions/${slow}`)
    await page.locator('[data-lane="DO charge"] [data-style=running]').waitFor()
    await page.locator('[data-state=live]').waitFor()
    stage.shop.letSlowOnesGo()
    await page.locator('[data-status=completed]').waitFor()
    await page.getByRole('option').getByText('ORCHESTRATION_COMPLETED').waitFor()
    expect(troublesOf(page)).toEqual([])
  })

  it('loses no event that comes while all are read again', async () => {
    const slow = await stage.shop.checkout('slow', 'running')
    const page = await stage.open('/executions')
    const reading = await holdReading(page, slow, 2)
    await goWithin(page, `/executions/${slow}`)
    await reading.isHeld
    const readAgain = page.waitForResponse((response) => response.url().includes('/audit/events?'))
    stage.shop.letSlowOnesGo()
    await page.locator('[data-status=completed]').waitFor()
    await page.getByRole('option').getByText('ORCHESTRATION_COMPLETED').waitFor()
    reading.release()
    await (await readAgain).finished()
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    expect(await page.getByRole('option').getByText('ORCHESTRATION_COMPLETED').count()).toBe(1)
    await page.close()
  })

  it('reads the events again where it has read them before the end, and the execution after it', async () => {
    const slow = await stage.shop.checkout('slow', 'running')
    const page = await stage.open('/executions')
    const reading = await holdReading(page, slow, 1)
    await page.route(`**/api/v1/executions/${slow}*`, async (route) => {
      await reading.isReleased
      await route.continue()
    })
    await goWithin(page, `/executions/${slow}`)
    await reading.isHeld
    stage.shop.letSlowOnesGo()
    await expect
      .poll(async () => (await getExecution(stage.database, slow)).status, { timeout: 20_000 })
      .toBe('completed')
    reading.release()
    await page.getByRole('option').getByText('ORCHESTRATION_COMPLETED').waitFor()
    expect(reading.count()).toBe(2)
    await page.close()
  })

  it('takes no order without a reason, and shows in the timeline what was ordered', async () => {
    const page = await stage.visit(`/executions/${blocked}`)
    await page.getByText('It waits for an operator').waitFor()
    await page.getByRole('button', { name: 'Skip ship DO' }).click()
    const dialog = page.getByRole('dialog')
    const send = dialog.getByRole('button', { name: 'Skip ship DO' })
    await dialog.getByLabel('Your name').fill('anna')
    expect(await send.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill('the parcel was picked up by hand')
    expect(await seriousFaults(page)).toEqual([])
    await send.click()
    await page.locator('[data-status=completed]').waitFor()
    await page.getByRole('option').getByText('the parcel was picked up by hand').waitFor()
    const execution = await getExecution(stage.database, blocked)
    expect(execution.status).toBe('completed')
  })

  it('says in the dialog why an order is refused', async () => {
    const other = await stage.shop.shipment('closed', 'blocked')
    const page = await stage.open(`/executions/${other}`)
    await page.getByRole('button', { name: 'Cancel, and undo nothing' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Your name').fill('anna')
    await dialog.getByLabel('Reason').fill('too late')
    await fetch(`${stage.url}/api/v1/executions/${other}/actions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        action: 'cancel',
        rollback: false,
        reason: 'sooner',
        actor: { type: 'user', id: 'bert' },
      }),
    })
    const send = dialog.getByRole('button', { name: 'Cancel, and undo nothing' })
    for (const [kind, words] of [
      ['403', 'This key may not do that'],
      ['403 of a proxy', 'Something before the server refused this'],
      ['sent elsewhere to sign in', 'Something before the server refused this'],
      ['away', 'The server does not answer'],
    ] as const) {
      await page.route('**/actions', (route) => answerWith(kind, route))
      await send.click()
      await dialog.getByRole('alert').getByText(words).waitFor()
      await page.unroute('**/actions')
    }
    await send.click()
    await dialog.getByRole('alert').getByText('is not possible').waitFor()
  })

  it('shows what is hostile as text', async () => {
    const executionId = await stage.shop.checkout('hostile', 'failed')
    const page = await stage.visit(`/executions/${executionId}`)
    await page.getByText('<script>window.hacked').first().waitFor()
    const longer = page.getByRole('button', { name: /Show all [\d,]+ characters/ })
    const bomb = await page.getByRole('region', { name: 'Input and output' }).locator(longer).textContent()
    expect(Number(bomb?.replaceAll(/\D/g, ''))).toBeLessThan(1_000_000)
    await page.getByRole('option').getByText('<script>').first().click()
    await page.getByText('⟨U+202E⟩txt.exe').first().waitFor()
    await longer.first().click()
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    expect(troublesOf(page)).toEqual([])
  })

  it('tells an attempt whose worker was lost from one that failed', async () => {
    told = await tellRolledBack(stage)
    const page = await stage.visit(`/executions/${told}`)
    const attempts = await drawnBars(page, 'DO setupDefaultRoles', 'attempt')
    expect(attempts.map(({ style }) => style)).toEqual(['failed', 'failed', 'worker_lost', 'failed'])
    await page.locator('svg text[data-style=worker_lost]').getByText('†').waitFor()
    await page.getByRole('list', { name: 'Legend' }).getByText('worker lost').waitFor()
    await page.getByRole('option').getByText('attempt 3: worker lost').waitFor()
  })

  it('says of an execution of another engine which it is, and what is not observable there', async () => {
    const page = await stage.visit(`/executions/${await observeOrder(stage)}`)
    await page.getByRole('heading', { level: 1, name: 'order 1.0' }).waitFor()
    const facts = page.locator('dl').first()
    await facts.getByText('dbos order-17').waitFor()
    await facts.getByText('Not observable in this engine').waitFor()
    await facts.getByText(`${engineCapabilities.actor}; ${engineCapabilities.backfill}`).waitFor()
    expect(await facts.getByText(engineCapabilities.perAttempt).count()).toBe(0)
    const attempts = await drawnBars(page, 'DO charge', 'attempt')
    expect(attempts.map(({ style }) => style)).toEqual(['failed', 'success'])
    expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(0)
    expect(await seriousFaults(page)).toEqual([])
  })

  it('shows the first events of a long execution, then all of them until it ends, and answers keys', async () => {
    const events = longHistory()
    const record = (some: readonly EventToWrite[]) =>
      stage.database.transaction((tx) => insertEvents((text, values) => tx(text, values), some))
    await record(events.slice(0, -1))
    const page = await stage.visit(`/executions/${events[0]?.executionId ?? ''}`)
    await page.locator('[data-state=live]').waitFor()
    await record(events.slice(-1))
    await page.getByText(`${events.length.toLocaleString('en')} in order`).waitFor()
    await page.locator('main [data-state]').waitFor({ state: 'detached' })
    expect(await page.getByText('is being read').count()).toBe(0)
    await page.getByRole('group', { name: /^Lanes/ }).focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('option', { selected: true }).waitFor()
    const last = events.at(-1)
    const linked = await stage.open(`/executions/${last?.executionId ?? ''}?event=${last?.id ?? ''}`)
    await linked.getByRole('option', { selected: true }).getByText('ORCHESTRATION_COMPLETED').waitFor()
    const withoutRow = [told, events[0]?.executionId]
    const isOther = (trouble: string): boolean => !withoutRow.some((id) => isNoRow(trouble, id))
    expect(troublesOf(page).filter(isOther)).toEqual([])
  })

  it('says of an execution that only applications wrote about that no engine recorded it', async () => {
    const executionId = uuidV7(Date.now())
    const events = [
      { eventType: 'OPERATION', action: 'parcel_weighed', message: 'it weighs 2 kg', executionId },
    ]
    await stage.database.transaction((tx) => recordIn(tx, events))
    const page = await stage.visit(`/executions/${executionId}`)
    await page.getByRole('heading', { name: 'No engine recorded this execution' }).waitFor()
    expect(await page.locator('main [data-state]').count()).toBe(0)
    await page.getByRole('link', { name: 'See what they wrote' }).click()
    await page.getByRole('option').getByText('it weighs 2 kg').waitFor()
  })

  it('says that there is no such execution', async () => {
    const page = await stage.visit('/executions/019a4f0c-5c7b-7000-8000-00000000dead')
    await page.getByRole('heading', { name: 'There is no such execution' }).waitFor()
  })
})

it('has nothing that axe finds serious, and nothing beyond its edge, wide or narrow, light or dark', async () => {
  const page = await stage.open(`/executions/${rolledBack}`)
  await page.locator('[data-lane="UNDO reserve"]').waitFor()
  await page.getByRole('option').first().click()
  await page.getByRole('region', { name: 'Details of the selected event' }).waitFor()
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1300, 390]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
      expect(await seriousFaults(page), `${colorScheme} ${width}`).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    }
})

/** Holds the reading with this number (from 1) of an execution's events, as it was answered, until it is released. */
async function holdReading(page: Page, execution: string, number: number) {
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let readings = 0
  await page.route(`**/api/v1/audit/events?*${execution}*`, async (route) => {
    readings += 1
    if (readings !== number) return route.continue()
    const response = await route.fetch()
    held.resolve()
    await released.promise
    await route.fulfill({ response })
  })
  return {
    isHeld: held.promise,
    isReleased: released.promise,
    release: released.resolve,
    count: () => readings,
  }
}

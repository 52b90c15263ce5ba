import { recordIn } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { answerWith } from './trouble.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
}, 120_000)

const record = (...messages: readonly string[]) =>
  stage.database.transaction((tx) =>
    recordIn(
      tx,
      messages.map((message) => ({
        id: uuidV7(Date.now()),
        eventType: 'OPERATION',
        action: 'counted',
        message,
      })),
    ),
  )

const inState = (page: Page, state: string): Promise<void> =>
  page.locator(`main [data-state=${state}]`).waitFor()

const oldNote = (page: Page) => page.getByRole('note').getByText('This is what was read at').first()

/** As a browser tells of a tab that is looked at again: what was read some seconds ago is read again. */
const lookAtUntilOld = (page: Page): Promise<void> =>
  vi.waitFor(
    async () => {
      await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`)
      expect(await oldNote(page).isVisible(), page.url()).toBe(true)
    },
    { timeout: 20_000, interval: 200 },
  )

describe('a server that is stopped and started again', () => {
  it('is followed on, with nothing missing and nothing twice, and what is shown meanwhile is said to be old', async () => {
    const slow = await stage.shop.checkout('slow', 'running')
    await record('one', 'two')
    const profile = {}
    const [events, executions, execution, overview] = [
      await stage.open('/events?operation_type=counted', profile),
      await stage.open('/executions', profile),
      await stage.open(`/executions/${slow}`, profile),
      await stage.open('/', profile),
    ]
    for (const page of [events, executions, execution, overview]) await inState(page, 'live')
    await execution.locator('[data-lane="DO charge"] [data-style=running]').waitFor()
    await record('three')
    await events.getByRole('option').getByText('three').waitFor()
    let started = ''
    await stage.restartAfter(async () => {
      for (const page of [events, executions, execution, overview]) {
        await inState(page, 'interrupted')
        await page.getByText('Interrupted, trying again').waitFor()
      }
      await record('four', 'five')
      stage.shop.letSlowOnesGo()
      await stage.shop.until(slow, 'completed')
      started = await stage.shop.checkout('visa')
      for (const page of [executions, execution, overview]) {
        await lookAtUntilOld(page)
        await inState(page, 'interrupted')
      }
      await execution.locator('[data-status=running]').waitFor()
      expect(await events.getByRole('option').count()).toBe(3)
    })
    await inState(events, 'live')
    await record('six')
    await events.getByRole('option').getByText('six').waitFor()
    const said = await events.getByRole('option').allTextContents()
    expect(said.map((text) => /one|two|three|four|five|six/.exec(text)?.[0]).toSorted()).toEqual(
      ['one', 'two', 'three', 'four', 'five', 'six'].toSorted(),
    )
    await execution.locator('[data-status=completed]').waitFor()
    await execution.getByRole('option').getByText('ORCHESTRATION_COMPLETED').waitFor()
    const of = `${stage.url}/api/v1/audit/events?include_total=true&execution_id=${slow}`
    const { total } = (await (await fetch(of)).json()) as { readonly total: number }
    expect(await execution.getByRole('option').count()).toBe(total)
    await executions.locator(`a[href="/executions/${started}"]`).waitFor()
    await expect.poll(() => executions.getByRole('table').getByText('completed').count()).toBe(2)
    await overview.getByRole('heading', { name: 'Needs a person' }).waitFor()
    for (const page of [events, executions, execution, overview])
      await oldNote(page).waitFor({ state: 'detached' })
    await Promise.all([events, executions, execution, overview].map((page) => page.close()))
  })

  it('is not said to be tried again where it refuses to go on', async () => {
    const page = await stage.open('/events?operation_type=counted')
    await inState(page, 'live')
    await page.route(
      (url) => url.pathname.startsWith('/api'),
      (route) => answerWith('401', route),
    )
    await stage.restartAfter(() => inState(page, 'interrupted'))
    await inState(page, 'refused')
    await page.getByText('No longer live').waitFor()
    await oldNote(page).waitFor()
    await page.close()
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { observeLarge } from './observed-large.ts'
import { setStage, type Stage } from './stage.ts'

const dayMs = 86_400_000

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
}, 120_000)

describe('on paper', () => {
  it('a long execution breaks between its rows, and is said not to be whole', async () => {
    const executionId = await observeLarge(stage, { steps: 1_200, attempts: 1 })
    const page = await stage.open(`/executions/${executionId}`)
    await page.locator('[data-lane="DO step 1"]').waitFor()
    await page.getByRole('status').getByText('the rest is being read').waitFor({ state: 'detached' })
    await page.evaluate(`addEventListener('beforeprint', () => {
      window.printed = [...document.querySelectorAll('[role=note]')].map((note) => note.textContent)
    })`)
    await page.pdf({ format: 'A4' })
    expect(await page.evaluate('window.printed')).toEqual([
      expect.stringMatching(/^Printed are 1 to 1,0\d\d of 1,200 lanes\.$/),
      expect.stringMatching(/^Printed are 1 to 1,0\d\d of 2,402 events in order\.$/),
    ])
    await page.emulateMedia({ media: 'print' })
    const positionOf = (row: string): Promise<unknown> =>
      page.evaluate(`(({ position, transform, breakInside }) => [position, transform, breakInside])(
        getComputedStyle(document.querySelector('${row}')))`)
    expect(await positionOf('[role=option]')).toEqual(['static', 'none', 'avoid'])
    expect(await positionOf('[data-lane]')).toEqual(['relative', 'none', 'avoid'])
    expect(await page.getByText('Choose a bar or an event').isVisible()).toBe(false)
    await page.close()
  })
})

describe('in colours that the system chooses', () => {
  it('what is chosen is marked by a line', async () => {
    const page = await stage.open('/administration', { forcedColors: 'active' })
    await page.getByRole('tab', { name: 'Holds' }).waitFor()
    const widthOf = (selector: string, side: string): Promise<unknown> =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).border${side}Width`)
    expect(await widthOf('nav a[aria-current=page]', 'Left')).toBe('4px')
    expect(await widthOf('nav a:not([aria-current])', 'Left')).toBe('0px')
    expect(await widthOf('[role=tab][aria-selected=true]', 'Bottom')).toBe('4px')
    expect(await widthOf('[role=tab][aria-selected=false]', 'Bottom')).not.toBe('4px')
    await page.close()
  })
})

describe.each([
  ['ahead', dayMs],
  ['behind', -dayMs],
])('with a browser whose clock is a day %s', (_, offMs) => {
  it('what is under way has lasted as long as it has, and the days are those of the server', async () => {
    const executionId = await stage.shop.checkout('slow', 'running')
    await stage.shop.checkout('visa')
    const page = await stage.open('/no/such/page', {})
    await page.clock.install({ time: Date.now() + offMs })
    await page.goto(`${stage.url}/executions/${executionId}`)
    await page.locator('[data-lane="DO charge"] [data-style=running]').waitFor()
    const [, lasted] =
      (await page.getByLabel('Timeline').locator('h2 + span').allTextContents())
        .join()
        .match(/^([\d.]+ m?s|\d+ min \d\d s)$/) ?? []
    expect(lasted).toBeDefined()
    await page.goto(stage.url)
    const today = new Date().toISOString().slice(8, 10).replace(/^0/, '')
    const days = page.getByRole('region', { name: /Executions by day/ })
    await days.getByText(today, { exact: true }).last().waitFor()
    await page.goto(`${stage.url}/integrity`)
    const waits = page.getByText('The oldest waits for').locator('+ dd')
    await expect.poll(() => waits.textContent()).toMatch(/^([\d.]+ m?s|\d+ min \d\d s)$/)
    stage.shop.letSlowOnesGo()
    await stage.shop.until(executionId, 'completed')
    await page.close()
  })
})

describe('an execution that retention lets go of while it is shown', () => {
  it('stays in sight, is said to be there no more, and takes no more orders', async () => {
    const executionId = await stage.shop.shipment('closed', 'blocked')
    const page = await stage.open(`/executions/${executionId}`)
    const failed = page.getByRole('option', { name: /STEP_FAILED/ })
    await failed.click()
    const details = page.getByRole('region', { name: 'Details of the selected event' })
    await details.getByRole('button', { name: 'Skip ship DO' }).waitFor()
    await page.route(
      (url) => url.pathname === `/api/v1/executions/${executionId}`,
      (route) =>
        route.fulfill({
          status: 404,
          contentType: 'application/problem+json',
          json: {
            type: 'about:blank',
            title: 'Not found',
            status: 404,
            detail: 'there is no execution of this id',
            instance: '/',
            code: 'execution_not_found',
            action: 'Look for it.',
          },
        }),
    )
    await expect
      .poll(
        async () => {
          await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`)
          return await page.getByRole('note').allTextContents()
        },
        { timeout: 20_000 },
      )
      .toEqual([expect.stringMatching(/^This is what was read at .*there is no execution of this id/)])
    expect(await page.locator('[data-status=blocked]').isVisible()).toBe(true)
    expect(await details.isVisible()).toBe(true)
    await page.locator('main [data-state]').waitFor({ state: 'detached' })
    const orders = /Skip|Retry|Resolve|Cancel|Verify this run|Evidence pack/
    expect(await page.getByRole('button', { name: orders }).allTextContents()).toEqual([])
    await page.close()
  })
})

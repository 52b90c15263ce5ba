import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { seriousFaults } from './accessibility.ts'
import { hostileName, setFilledStage } from './fill-pages.ts'
import { placesLedOut, walkByKeyboard } from './keyboard.ts'
import { goWithin, isNoRow, type Stage, troublesOf } from './stage.ts'

let stage: Stage
let executionId = ''
let workflowId = ''
let blockedId = ''
let eventId = ''
let hostileId = ''

beforeAll(async () => {
  ;({ stage, executionId, blockedId, workflowId, hostileId, eventId } = await setFilledStage())
}, 120_000)

describe.each([
  ['light', 1300, 'from page to page'],
  ['dark', 390, 'each from a cold start'],
] as const)('in %s colours, %i pixels wide, %s', (colorScheme, width, way) => {
  it('no page has anything that axe finds serious, is hostile, needs a mouse, or goes beyond its edge', async () => {
    const page = await stage.open('/', {
      colorScheme,
      viewport: { width, height: 800 },
      reducedMotion: 'reduce',
    })
    for (const [path, text] of [
      ['/', '⟨U+202E⟩'],
      ['/executions', 'checkout'],
      ['/events', 'OPERATION'],
      [`/events?event=${eventId}`, 'The whole record'],
      ['/events?source=nobody', 'Nothing matches this filter'],
      ['/analytics', 'Succeeded'],
      ['/analytics/failing-workflows', '<script>window.hacked'],
      ['/analytics/slow-steps', 'the median marked'],
      ['/analytics/step-retries', 'This report is about one of them'],
      [`/executions/${executionId}`, 'Verify this run'],
      [`/executions/${hostileId}`, '<script>window.hacked'],
      ['/integrity', 'Verify an evidence pack'],
      ['/administration', 'Dry run'],
      ['/administration?tab=holds', '<script>window.hacked'],
      ['/administration?tab=keys', 'The first key ends that'],
      ['/administration?tab=health', 'ready'],
      ['/selections', '<script>window.hacked'],
      ['/selections/incident-7', 'The story'],
      [`/selections/${encodeURIComponent(hostileName)}`, '⟨U+202E⟩'],
      ['/catalogue', '<script>window.hacked'],
      [`/catalogue/${workflowId}`, 'Versions'],
      ['/catalogue?workflow_name=none', 'Nothing matches this filter'],
    ] as const) {
      if (way === 'each from a cold start') await page.goto(`${stage.url}${path}`)
      else await goWithin(page, path)
      await page.getByText(text).first().waitFor()
      expect(await seriousFaults(page), path).toEqual([])
      expect(await page.evaluate('window.hacked'), path).toBeUndefined()
      // Where something lies above the page, that has the focus alone.
      const isCovered = await page.locator('[aria-modal=true]').isVisible()
      expect(isCovered ? [] : (await walkByKeyboard(page)).faults, path).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width)
    }
    // Of an execution that is known by its events alone there is no row, which a browser tells as trouble.
    expect(troublesOf(page).filter((trouble) => !isNoRow(trouble, hostileId))).toEqual([])
  }, 180_000)
})

describe('by keyboard alone', () => {
  /** Every kind of thing that opens above a page. */
  const opened = (): readonly (readonly [
    path: string,
    opener: string,
    opens: 'dialog' | 'menu',
    key?: string,
  ])[] => [
    [`/executions/${blockedId}`, 'Skip ship DO', 'dialog'],
    [`/executions/${blockedId}`, 'Cancel, and undo nothing', 'dialog'],
    ['/events?source=frontend', 'Views', 'dialog'],
    ['/events', 'Export', 'menu', 'ArrowDown'],
    [`/catalogue/${workflowId}`, 'Deprecate', 'dialog'],
    ['/administration', 'Set a policy', 'dialog'],
    ['/administration?tab=holds', 'Place a hold', 'dialog'],
    ['/administration?tab=holds', 'Release', 'dialog'],
    ['/administration?tab=keys', 'Make a key', 'dialog'],
  ]

  const inColours = async (page: Page, colorScheme: 'light' | 'dark'): Promise<void> => {
    await page.emulateMedia({ colorScheme })
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
  }

  it('dialogs and menus open, keep the focus as long as they are there, and give it back at Escape', async () => {
    const page = await stage.visit('/')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (const [path, name, kind, key] of opened()) {
      await goWithin(page, path)
      await page.getByRole('button', { name, exact: true }).first().focus()
      await page.keyboard.press('Enter')
      const above = page.getByRole(kind)
      await above.waitFor()
      if (key !== undefined) await page.keyboard.press(key)
      await above.locator(':focus').waitFor()
      const part = `[role=${kind}]`
      expect(await seriousFaults(page, { part }), `${path} ${name}`).toEqual([])
      await inColours(page, 'dark')
      // Of what there is to find, only this is another in other colours.
      const runOnly = ['color-contrast']
      expect(await seriousFaults(page, { part, runOnly }), `${path} ${name}, dark`).toEqual([])
      await inColours(page, 'light')
      if (kind === 'dialog') expect(await placesLedOut(page, part, 12), `${path} ${name}`).toEqual([])
      await page.keyboard.press('Escape')
      await above.waitFor({ state: 'detached' })
      await page.locator('button:focus', { hasText: name }).waitFor()
    }
    await page.emulateMedia({ reducedMotion: null, colorScheme: null })
  }, 180_000)

  it('what goes at its own press gives the focus back', async () => {
    const page = await stage.visit('/events?source=nobody&refresh=off')
    await page.getByRole('button', { name: 'Views' }).press('Enter')
    await page.getByLabel('Save this filter as').fill('of nobody')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Forget all views' }).press('Enter')
    await page.locator('button:focus', { hasText: 'Views' }).waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).press('Enter')
    await page.getByRole('option').first().waitFor()
    await page.locator('#content:focus').waitFor()
  })

  it('what an event says is left at Escape, and the list has the focus again', async () => {
    const page = await stage.visit('/events?refresh=off')
    for (const path of ['/events?refresh=off', `/executions/${blockedId}`]) {
      await goWithin(page, path)
      const list = page.getByRole('listbox', { name: /^Events/ })
      await list.focus()
      await page.keyboard.press('ArrowDown')
      const details = page.getByRole('region', { name: 'Details of the selected event' })
      await details.getByRole('button', { name: 'Close the details' }).focus()
      await page.keyboard.press('Escape')
      await details.waitFor({ state: 'detached' })
      expect(await list.evaluate((element) => element === document.activeElement)).toBe(true)
    }
  })

  it('the menu of a narrow screen opens, leads on, and is closed by Escape and by leaving it', async () => {
    const page = await stage.open('/', { viewport: { width: 390, height: 800 }, reducedMotion: 'reduce' })
    const link = page.getByRole('link', { name: 'Administration', exact: true })
    const focused = page.locator(':focus')
    const burger = page.getByRole('button', { name: 'Open menu' })
    await burger.press('Enter')
    await link.waitFor()
    expect((await walkByKeyboard(page)).faults).toEqual([])
    await link.waitFor({ state: 'hidden' })
    await burger.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused.textContent()).toBe('Overview')
    await page.keyboard.press('Escape')
    await link.waitFor({ state: 'hidden' })
    expect(await focused.getAttribute('aria-label')).toBe('Open menu')
  })
})

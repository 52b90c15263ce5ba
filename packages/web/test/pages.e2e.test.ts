import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryInDirectory, SigningKey } from '@steptrail/log'
import { releaseAfterTest } from '@steptrail/testkit'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { seriousFaults } from './accessibility.ts'
import { fillPages, hostileName } from './fill-pages.ts'
import { walkByKeyboard } from './keyboard.ts'
import { goWithin, isNoRow, setStage, type Stage, troublesOf } from './stage.ts'
import { answerWith } from './trouble.ts'

let stage: Stage
let directory = ''
let executionId = ''
let workflowId = ''
let blockedId = ''
let eventId = ''
let hostileId = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'steptrail-pages-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  const sealing = { key: SigningKey.generate().key, memory: memoryInDirectory(directory), pollIntervalMs: 20 }
  stage = await setStage({ sealing })
  ;({ executionId, blockedId, workflowId, hostileId, eventId } = await fillPages(stage))
}, 120_000)

describe('analytics', () => {
  it('show each report from a cold start, as a chart and as a table', async () => {
    const page = await stage.open('/analytics')
    await page.getByRole('img', { name: /Failures over time as a chart/ }).waitFor()
    const names = await page.getByRole('navigation', { name: 'Reports' }).getByRole('link').allTextContents()
    expect(names.length).toBe(16)
    for (const name of names) {
      await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 2, name, exact: true }).waitFor()
      await page
        .locator('[role=img], h2:text("Nothing is on record"), h2:text("This report is about")')
        .first()
        .waitFor()
    }
    expect(troublesOf(page)).toEqual([])
  })

  it('keep what they are about when their filter is cleared', async () => {
    for (const name of ['Clear', 'Clear the filter']) {
      const page = await stage.visit('/analytics/versions?workflow_name=elsewhere&tenant=nobody')
      await page.getByRole('button', { name, exact: true }).click()
      await page.waitForURL(/\/versions\?workflow_name=elsewhere$/)
    }
  })

  it('narrow by workflow, and show errors as text', async () => {
    const page = await stage.visit('/analytics/failing-workflows')
    const rows = page.getByRole('region', { name: 'The rows of the report' }).locator('tbody > tr')
    await rows.nth(1).waitFor()
    await page.getByLabel('Workflow', { exact: true }).fill('elsewhere')
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByText('<b>no answer</b>').waitFor()
  })
})

describe('integrity', () => {
  it('verifies a run in the browser, and its pack by drop, and tells one that was altered', async () => {
    const page = await stage.visit(`/executions/${executionId}`)
    await page.getByRole('button', { name: 'Verify this run' }).click()
    await page.getByText('Verified in this browser').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Evidence pack' }).click(),
    ])
    const bytes = await readFile(await download.path())
    await goWithin(page, '/integrity')
    const give = async (name: string, content: Buffer): Promise<void> => {
      const path = join(directory, name)
      await writeFile(path, content)
      await page.locator('input[type=file]').setInputFiles(path)
      await page.getByRole('heading', { name }).waitFor()
    }
    await give('whole.zip', bytes)
    await page.getByText('✓ Verified in this browser').waitFor()
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1
    await give('altered.zip', bytes)
    await page.getByText('This is not what was recorded').waitFor()
    await page.getByLabel('The key that you trust').fill('no key at all')
    await give('unknown.zip', bytes)
    await page.getByText('What is given as a trusted key is none.').waitFor()
    expect(troublesOf(page)).toEqual([])
  })

  it('proves that the log continues what this browser saw, and tells when it does not', async () => {
    const page = await stage.open('/integrity', {})
    await page.getByText('the first checkpoint that this browser sees').waitFor()
    await page.getByRole('button', { name: 'Prove it again' }).click()
    await page.getByText('The log only grew').waitFor()
    await page.evaluate(`localStorage.setItem('steptrail.checkpoints', localStorage.getItem('steptrail.checkpoints')
      .replace(/"root":"../, (root) => root.slice(0, -2) + (root.endsWith('00') ? '01' : '00')))`)
    await page.getByRole('button', { name: 'Prove it again' }).click()
    await page.getByText('The log does not continue what it was').waitFor()
  })
})

describe('selections and the catalogue', () => {
  it('tell the story of a selection, with the scores of all, and why not another one', async () => {
    const page = await stage.visit('/selections')
    await page.getByRole('link', { name: 'incident-7' }).click()
    await page.getByText('✓ chosen').waitFor()
    expect(await page.getByRole('region', { name: 'Candidates' }).locator('ol > li').count()).toBe(3)
    await page.getByRole('button', { name: 'Why not' }).first().click()
    await page.getByRole('status').filter({ hasText: 'drain' }).first().waitFor()
    expect(troublesOf(page)).toEqual([])
  })

  it('show a workflow, and offer it no more with a reason', async () => {
    const page = await stage.visit('/catalogue?workflow_name=drain')
    await page.getByRole('link', { name: /^drain/ }).click()
    await page.getByRole('button', { name: 'Disable' }).click()
    const dialog = page.getByRole('dialog')
    const send = dialog.getByRole('button', { name: 'Disable' })
    expect(await send.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill('it drains too much')
    await dialog.getByLabel('Your name').fill('anna')
    await send.click()
    await page.getByRole('note').getByText('it drains too much').waitFor()
    await goWithin(page, '/catalogue?status=disabled')
    await page.getByRole('link', { name: /^drain/ }).waitFor()
  })
})

describe.each([
  ['light', 1300],
  ['dark', 390],
] as const)('in %s colours, %i pixels wide', (colorScheme, width) => {
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
      await goWithin(page, path)
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
      for (let tabs = kind === 'dialog' ? 0 : 12; tabs < 12; tabs++) {
        await page.keyboard.press('Tab')
        const isWithin = await above.evaluate((element) => element.contains(document.activeElement))
        expect(isWithin, `${path} ${name}, Tab ${tabs}`).toBe(true)
      }
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

describe('administration', () => {
  it('sets a policy, and places and releases a hold, each with a reason', async () => {
    const page = await stage.visit('/administration')
    await page.getByRole('button', { name: 'Set a policy' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Workflow').fill('checkout')
    await dialog.getByLabel('Keep for so many days').fill('400')
    expect(await dialog.getByRole('button', { name: 'Set it' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill('tax law')
    await page.route('**/policies*', (route) => answerWith('403 of a proxy', route))
    await dialog.getByRole('button', { name: 'Set it' }).click()
    await dialog.getByRole('alert').getByText('Something before the server refused this').waitFor()
    await page.unroute('**/policies*')
    await dialog.getByRole('button', { name: 'Set it' }).click()
    await page.getByText('workflow checkout').waitFor()
    await page.getByRole('tab', { name: 'Holds' }).click()
    await page.waitForURL(/tab=holds/)
    await page.reload()
    await page.getByRole('button', { name: 'Place a hold' }).click()
    await dialog.getByLabel('Correlation id').pressSequentially(' order 1')
    await dialog.getByLabel('Reason').fill('a case at court')
    await dialog.getByRole('button', { name: 'Hold it' }).click()
    const hold = page.getByRole('row', { name: /^correlation order 1 a case at court/ })
    await hold.getByRole('button', { name: 'Release' }).click()
    await dialog.getByLabel('Reason').fill('it is closed')
    await dialog.getByRole('button', { name: 'Release it' }).click()
    await page.getByText(/: it is closed/).waitFor()
  })

  it('makes the first key, uses it, makes another and revokes it', async () => {
    const page = await stage.open('/administration?tab=keys')
    const make = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'Make a key' }).click()
      await page.getByRole('dialog').getByLabel('Name').fill(name)
      await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click()
      await page.getByLabel('The secret').waitFor()
    }
    await make('boss')
    await page.getByRole('button', { name: 'Use it in this tab' }).click()
    await page.getByRole('cell', { name: 'boss' }).waitFor()
    await make('reader')
    await page.getByRole('button', { name: 'I have it' }).click()
    await page
      .getByRole('row', { name: /reader/ })
      .getByRole('button', { name: 'Revoke' })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click()
    await page.getByRole('row', { name: /reader.*revoked/ }).waitFor()
  })
})

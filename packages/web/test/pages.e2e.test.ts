import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { setFilledStage } from './fill-pages.ts'
import { goWithin, type Stage, troublesOf } from './stage.ts'
import { answerWith } from './trouble.ts'

let stage: Stage
let directory = ''
let executionId = ''

beforeAll(async () => {
  ;({ stage, directory, executionId } = await setFilledStage())
}, 120_000)

describe('a tab', () => {
  it('is named after what its page shows, also when one goes back', async () => {
    const page = await stage.open('/events')
    const named = async (title: string | RegExp) => {
      await expect.poll(() => page.title()).toMatch(title)
    }
    await named(/^Events – Steptrail$/)
    await page.getByRole('link', { name: 'Analytics', exact: true }).click()
    await named(/^Failures over time – Steptrail$/)
    await page.goBack()
    await named(/^Events – Steptrail$/)
    await goWithin(page, `/executions/${executionId}`)
    await named(new RegExp(`^[\\w-]+ ${executionId.slice(-8)} – Steptrail$`))
    await page.goto(`${stage.url}/no/such/page`)
    await named(/^No such page – Steptrail$/)
  })
})

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

  it('show none as chosen on a narrow screen where an address names none, and lead to one that is', async () => {
    const page = await stage.open('/analytics/nope', { viewport: { width: 390, height: 800 } })
    await page.getByRole('heading', { name: 'There is no such report' }).waitFor()
    const choice = page.getByRole('combobox', { name: 'Report', exact: true })
    expect(await choice.locator('option:checked').textContent()).toBe('Choose a report')
    await choice.selectOption({ label: 'Slow steps' })
    await page.waitForURL(/\/analytics\/slow-steps$/)
    await page.getByRole('heading', { level: 2, name: 'Slow steps' }).waitFor()
    expect(await choice.locator('option').count()).toBe(16)
  })

  it('keep what they are about when their filter is cleared', async () => {
    for (const name of ['Clear', 'Clear the filter']) {
      const page = await stage.visit('/analytics/versions?workflow_name=elsewhere&tenant=nobody')
      await page.getByRole('button', { name, exact: true }).click()
      await page.waitForURL(/\/versions\?workflow_name=elsewhere$/)
    }
  })

  it('say of a time in the address that is none that the server does not understand it', async () => {
    for (const name of ['since', 'until']) {
      const page = await stage.open(`/analytics/failure-rate?${name}=yesterday`)
      await page.getByRole('heading', { name: 'The server does not understand this filter' }).waitFor()
      await page.close()
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

  it('says of what is dropped and cannot be read, as a folder, that it could not be verified', async () => {
    const page = await stage.open('/integrity')
    const place = await page.getByText('Drop a pack here.').boundingBox()
    const { x, y } = place ?? { x: 0, y: 0 }
    const devtools = await page.context().newCDPSession(page)
    const data = { items: [], files: [directory], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: x + 5, y: y + 5, data })
    await page.getByRole('alert').getByText('It could not be verified').waitFor()
    expect(troublesOf(page)).toEqual([])
  })

  it('says of a pack that could not be had that it was not saved, or not verified', async () => {
    const page = await stage.open(`/executions/${executionId}`)
    await page.route('**/evidence*', (route) => answerWith('403', route))
    for (const [button, title] of [
      ['Evidence pack', 'The evidence pack was not saved'],
      ['Verify this run', 'It could not be verified'],
    ] as const) {
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('alert').getByText(title, { exact: true }).waitFor()
      expect(await page.getByRole('alert').count()).toBe(1)
    }
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

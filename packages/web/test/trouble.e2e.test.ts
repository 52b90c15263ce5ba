import { recordIn } from '@steptrail/core'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { seriousFaults } from './accessibility.ts'
import { madeKey } from './made-key.ts'
import { goWithin, setStage, type Stage } from './stage.ts'
import { answerWith, everyPage, openPages, troubleKinds } from './trouble.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
  const event = { eventType: 'OPERATION', action: 'config_update' }
  await stage.database.transaction((tx) => recordIn(tx, [event]))
  await stage.shop.checkout('visa')
}, 120_000)

describe('trouble', () => {
  let troubled: Page

  beforeAll(async () => {
    troubled = await stage.open('/no/such/page', {})
    // What is tried again is tried after a while, and what is slow is told of after another: that is not waited for.
    await troubled.clock.install()
  })

  it('of a server that is away looks like that, and ends when it is back', async () => {
    const page = await stage.open('/executions', {})
    await page
      .getByRole('link', { name: /checkout/ })
      .first()
      .waitFor()
    await page.context().setOffline(true)
    await page.getByRole('link', { name: 'Events', exact: true }).click()
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor()
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('option').first().waitFor()
  })

  it.each(troubleKinds)('%s: every page looks like what it is', { timeout: 90_000 }, async (kind, words) => {
    const page = troubled
    await page.unrouteAll()
    await page.route(
      (url) => /^\/(api|readyz)/.test(url.pathname),
      (route) => answerWith(kind, route),
    )
    for (const path of [...everyPage, ...(/^40[13]$/.test(kind) ? [] : openPages)]) {
      await goWithin(page, path)
      const said = page.getByText(words).first()
      await vi.waitFor(
        async () => {
          await page.clock.runFor(1_000)
          expect(await said.isVisible(), path).toBe(true)
        },
        { timeout: 25_000, interval: 20 },
      )
    }
  })

  it(
    'of a key that is asked for, and of one that may not, looks like that',
    { timeout: 60_000 },
    async () => {
      const admin = await madeKey(stage, { name: 'boss', scopes: ['admin'] })
      const recorder = await madeKey(stage, { name: 'recorder', scopes: ['record'] }, admin)
      const page = await stage.open('/events', {})
      await page.getByRole('heading', { name: 'The server asks for a key' }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
      const give = async (key: string): Promise<void> => {
        await page.getByLabel('Key or token').fill(key)
        await page.getByRole('button', { name: 'Use it' }).click()
      }
      await give(recorder)
      await page.getByRole('heading', { name: 'This key may not do that' }).waitFor()
      await give(admin)
      await page.getByRole('option').first().waitFor()
      await page.reload()
      await page.getByRole('option').first().waitFor()
      await page.getByRole('button', { name: 'Forget the key' }).click()
      await page.getByRole('heading', { name: 'The server asks for a key' }).waitFor()
    },
  )
})

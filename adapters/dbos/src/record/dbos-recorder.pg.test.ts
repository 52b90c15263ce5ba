import { DBOS } from '@dbos-inc/dbos-sdk'
import { openDatabase } from '@steptrail/core'
import { DbosRecorder, install } from '@steptrail/dbos'
import { createEmptyDatabase, createMigratedDatabase, Link, releaseAfterTest } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { AttemptLog } from '../steps/attempt-log.ts'

/** The database of DBOS at the end of a link. */
async function openFar() {
  const url = await createEmptyDatabase()
  await DBOS.migrate(url)
  await install({ url })
  const link = await Link.open(() => Number(new URL(url).port))
  releaseAfterTest(() => link.close())
  const far = new URL(url)
  far.hostname = '127.0.0.1'
  far.port = String(link.port)
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => database.close())
  return { link, database, url: far.href }
}

it('is not held up by a server that has fallen silent, and goes on when it answers again', async () => {
  const { link, database, url } = await openFar()
  const recorder = new DbosRecorder(database, { url, answerWithinMs: 100 })
  expect(await recorder.recordAll()).toBe(0)
  link.cut()
  await expect(recorder.recordAll()).rejects.toThrow('timeout')
  link.mend()
  await expect.poll(() => recorder.recordAll()).toBe(0)
  link.cut()
  await recorder.close()
})

it('lets a step go on whose attempt cannot be noted for a silent server', async () => {
  const { link, url } = await openFar()
  const log = new AttemptLog({ url }, 100)
  const step = { name: 'pay', service: 'shop', undoes: null, maxRetries: 0 }
  expect(await log.know(step)).toBe(true)
  link.cut()
  const note = { workflowId: 'order', kind: 'attempt_started', at: 1, body: {} } as const
  await expect(log.write(note)).rejects.toThrow('timeout')
  await log.close()
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyGrants, createApiKey, createTrail, type Database } from '@steptrail/core'
import { memoryInDirectory, SigningKey, verifyTrail } from '@steptrail/log'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { openShop } from '../../test/shop.ts'
import { createServer, type Server } from '../index.ts'

const root = { type: 'user', id: 'root' } as const
const nowhere = '019a4f0c-5c7b-7000-8000-00000000dead'

describe('of the log, a tenant', () => {
  let database: Database
  let server: Server
  let ask: Asking
  let directory = ''
  let execution = ''
  const bearers = new Map<string, Record<string, string>>()
  const as = (name: string) => bearers.get(name) ?? {}

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'steptrail-log-'))
    database = await openTestDatabase('postgres')
    await applyGrants(database)
    const { key } = SigningKey.generate()
    const sealing = { key, memory: memoryInDirectory(directory), pollIntervalMs: 20 }
    server = await createServer({ trail: createTrail(database), sealing })
    ask = asked(server)
    for (const name of ['acme', 'globex']) {
      const wanted = { name, scopes: ['read', 'operate'], tenant: name } as const
      const { secret } = await createApiKey(database, wanted, root)
      bearers.set(name, { authorization: `Bearer ${secret}` })
    }
    const { secret } = await createApiKey(database, { name: 'auditor', scopes: ['read'] }, root)
    bearers.set('auditor', { authorization: `Bearer ${secret}` })
    const shop = await openShop(database)
    const start = { workflow: 'shop', input: { card: 'gold' } }
    execution = (await ask.post('/api/v1/executions', start, as('acme'))).body.executionId
    await shop.until(execution, 'completed')
    await shop.close()
    const sealAll = async (): Promise<void> => {
      const { unsealed } = (await ask.get('/api/v1/log/status', as('auditor'))).body
      if (unsealed > 0) throw new Error(`${unsealed} events are not sealed yet`)
      // What is in the log is under a checkpoint a moment later.
      const { status } = await server.fetch(
        new Request(`http://localhost/api/v1/executions/${execution}/evidence`, { headers: as('auditor') }),
      )
      if (status !== 200) throw new Error(`the execution is not under a checkpoint yet: ${status}`)
    }
    await vi.waitFor(sealAll, { interval: 20, timeout: 20_000 })
  })
  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true })
  })

  /** What is answered, without the id that was asked for. */
  const answerTo = async (name: string, path: (id: string) => string, id: string) => {
    const { status, text } = await ask.get(path(id), as(name))
    return { status, text: text.replaceAll(id, 'ID') }
  }

  it('has the proof of no other’s event, and is told of it as of one that is not there', async () => {
    const { rows } = await database.query<{ id: string }>(
      'select id from audit_event where execution_id = $1 limit 1',
      [execution],
    )
    const id = rows[0]?.id ?? ''
    const path = (event: string) => `/api/v1/log/proof/${event}`
    expect((await answerTo('acme', path, id)).status).toBe(200)
    const foreign = await answerTo('globex', path, id)
    expect(foreign.status).toBe(404)
    expect(foreign).toEqual(await answerTo('globex', path, nowhere))
  })

  it('has the evidence of no other’s execution, and is told of it as of one that is not there', async () => {
    const path = (id: string) => `/api/v1/executions/${id}/evidence`
    const own = { ...as('acme') }
    expect(
      (await server.fetch(new Request(`http://localhost${path(execution)}`, { headers: own }))).status,
    ).toBe(200)
    const foreign = await answerTo('globex', path, execution)
    expect(foreign.status).toBe(404)
    expect(foreign).toEqual(await answerTo('globex', path, nowhere))
  })

  it('is told whether verifying found a defect, and not where', async () => {
    await database.transaction(async (tx) => {
      await tx('alter table audit_event disable trigger all')
      await tx(`update audit_event set reason = 'another' where execution_id = $1 and execution_seq = 1`, [
        execution,
      ])
      await tx('alter table audit_event enable trigger all')
    })
    const { outcome } = await verifyTrail(database, {
      actor: root,
      memory: memoryInDirectory(directory),
    })
    expect(outcome).toBe('defect')
    const verification = async (name: string) =>
      (await ask.get('/api/v1/log/status', as(name))).body.last_verification
    expect(await verification('auditor')).toMatchObject({ outcome, defect: expect.any(String) })
    expect(await verification('globex')).toMatchObject({ outcome, defect: null, details: {} })
  })
})

import { applyGrants, createApiKey, createTrail, type Database, type KeyScope } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { postedAudit } from '../../test/posted-audit.ts'
import { createServer, type Server } from '../index.ts'

const root = { type: 'user', id: 'root' } as const

describe('the names of workflows in the metrics', () => {
  let database: Database
  let server: Server
  let ask: Asking
  beforeAll(async () => {
    database = await openTestDatabase('postgres')
    await applyGrants(database)
    server = await createServer({ trail: createTrail(database), holdsClock: false })
    ask = asked(server)
    await ask.post('/api/v1/audit/workflow-execution', postedAudit)
  })
  afterAll(() => server.close())

  const bearer = async (name: string, scopes: readonly KeyScope[], tenant?: string) => ({
    authorization: `Bearer ${(await createApiKey(database, { name, scopes, tenant }, root)).secret}`,
  })
  const effectiveness = async (headers: Record<string, string> = {}) => {
    const { status, text } = await ask.get('/metrics', headers)
    expect(status).toBe(200)
    return text.match(/^steptrail_workflow_effectiveness_score.*$/gm)
  }
  const named = ['steptrail_workflow_effectiveness_score{workflow_name="payroll"} 0.9']
  const unnamed = ['steptrail_workflow_effectiveness_score{workflow_name="other"} 0.9']

  it('are told to everybody as long as nobody is asked who they are, then to who may read all', async () => {
    expect(await effectiveness()).toEqual(named)
    expect(await effectiveness(await bearer('scraper', ['read']))).toEqual(named)
    expect(await effectiveness(await bearer('administrator', ['admin']))).toEqual(named)
    expect(await effectiveness()).toEqual(unnamed)
    expect(await effectiveness(await bearer('acme', ['read', 'engine', 'operate'], 'acme'))).toEqual(unnamed)
    expect(await effectiveness(await bearer('recorder', ['record']))).toEqual(unnamed)
    expect(await effectiveness({ authorization: 'Bearer stk_unknown' })).toEqual(unnamed)
  })
})

import { createTrail, type Database, getExecution } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { parseTlogProof, sha256, verifyPack } from '@steptrail/verify'
import { beforeAll, expect, it } from 'vitest'
import { greet } from '../../test/greeting.ts'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { leafVectors } from '../../test/vectors.ts'
import { makeEvidencePack } from '../evidence/evidence-pack.ts'
import { verifyTrail } from '../verify/verify-trail.ts'
import { erase } from './erase.ts'
import { type ErasureCertificate, erasureCertificate } from './erasure-certificate.ts'

const actor = { type: 'user', id: 'olga' } as const

describeOnBoth('erase', (open) => {
  let database: Database
  let executionId = ''
  let certificate: ErasureCertificate
  let before: Uint8Array
  const sealer = sealing()
  const verify = (place = database) => verifyTrail(place, { memory: sealer.memory, actor: null })

  beforeAll(async () => {
    database = await open()
    ;[executionId = ''] = await greet(database, ['stranger', 'friend'])
    await record(database, operations(3, { actorType: 'user', actorId: 'anna', message: 'Anna was here' }))
    await record(database, operations(3))
    await sealer.seal(database)
    before = (await makeEvidencePack(database, executionId)).bytes
    const order = {
      ...sealer,
      actor,
      reason: 'asked to be forgotten',
      approvedBy: { type: 'user', id: 'otto' },
    } as const
    certificate = await erase(database, { ...order, match: { executionId } })
  })

  it('leaves nothing of what people said and did, in any table', async () => {
    const { rows } = await database.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition`,
    )
    for (const { name } of rows) {
      const found = await database.query(`select from ${name} as row where row::text ~* 'stranger'`)
      expect(found.rowCount, name).toBe(0)
    }
  })

  it('says what it reached and what it did not, with a proof', () => {
    expect(certificate).toMatchObject({
      actor,
      approvedBy: { type: 'user', id: 'otto' },
      reason: 'asked to be forgotten',
      events: 15,
      executions: [executionId],
      steps: 3,
    })
    expect(certificate.notReached.join()).toMatch(/vacuum.*backups.*archives.*spool/)
    expect(parseTlogProof(certificate.proof)).not.toBeNull()
  })

  it('is certified anew as it was, for a certificate that was lost', async () => {
    const { proof, ...others } = await erasureCertificate(database, certificate.erasureId)
    expect({ ...others, proof: certificate.proof }).toEqual(certificate)
    expect(parseTlogProof(proof)).not.toBeNull()
    for (const id of [executionId, 'request 17'])
      await expect(erasureCertificate(database, id)).rejects.toMatchObject({ code: 'erasure_not_found' })
  })

  it('keeps every proof valid: the trail verifies, and the packs from before and after do', async () => {
    expect(await verify()).toMatchObject({
      outcome: 'verified',
      logs: [{ erased: 15 }],
      executions: { ended: 2 },
    })
    expect(await verifyPack(before, [], sha256)).toMatchObject({ ok: true, events: 15 })
    const after = await makeEvidencePack(database, executionId)
    expect(await verifyPack(after.bytes, [], sha256)).toMatchObject({ ok: true, events: 15, hasEnded: true })
    expect(await getExecution(database, executionId)).toMatchObject({ input: null, status: 'failed' })
  })

  it('erases what a person did, and nothing of others', async () => {
    const by = { ...sealer, actor, reason: 'asked to be forgotten' }
    const done = await erase(database, { ...by, match: { subject: { type: 'user', id: 'anna' } } })
    expect(done).toMatchObject({ events: 3, executions: [] })
    const { items } = await createTrail(database).listEvents({ eventType: 'OPERATION' })
    expect(items.filter(({ action }) => action === null)).toHaveLength(3)
    expect(items).toHaveLength(6)
    await expect(
      erase(database, { ...by, match: { subject: { type: 'user', id: 'anna' } } }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(await verify()).toMatchObject({ outcome: 'verified' })
  })

  it('reaches what an execution took and gave, also after its events were erased one by one', async () => {
    const [id = ''] = await greet(database, ['stranger'])
    const { items } = await createTrail(database).listEvents({ executionId: id, limit: 100 })
    const by = { ...sealer, actor, reason: 'asked to be forgotten' }
    await erase(database, { ...by, match: { eventIds: items.map((event) => event.id) } })
    expect((await getExecution(database, id)).input).not.toBeNull()
    const done = await erase(database, { ...by, match: { executionId: id } })
    expect(done).toMatchObject({ events: 1, executions: [id] })
    expect((await getExecution(database, id)).input).toBeNull()
    expect(await verify()).toMatchObject({ outcome: 'verified' })
    await expect(erase(database, { ...by, match: { executionId: id } })).rejects.toThrow('no event matches')
  })

  it('wants a reason, and a second person who is another', async () => {
    const order = { ...sealer, actor, match: { executionId } }
    await expect(erase(database, { ...order, reason: '' })).rejects.toMatchObject({ code: 'reason_required' })
    await expect(erase(database, { ...order, reason: 'x', approvedBy: actor })).rejects.toMatchObject({
      code: 'reason_required',
    })
  })

  it('is the one change that the database lets pass', async () => {
    for (const statement of [
      `update audit_event set message = null`,
      `update audit_event set details = null, salt = envelope_key(salt)`,
      `update workflow_step_transitions set metadata = '{}'`,
      `update workflow_step_result_audit set correlation_id = null`,
      'delete from audit_event',
      `select erase_bodies(uuid_v7(), '[]', '{}')`,
    ])
      await expect(database.query(statement), statement).rejects.toMatchObject({
        code: statement.startsWith('select') ? '22023' : 'append_only',
      })
  })

  it('derives the key that stays as the specification says', async () => {
    for (const { salt, envelopeKey } of leafVectors) {
      const { rows } = await database.query<{ key: string }>('select envelope_key($1) as key', [salt])
      expect(rows).toEqual([{ key: envelopeKey }])
    }
  })

  it('is found when it was done by hand, without an event that says so', async () => {
    const undone = new Error('undone')
    const attempt = database.transaction(async (tx) => {
      const inside = { ...database, query: tx, transaction: (work: (one: typeof tx) => unknown) => work(tx) }
      const place = inside as unknown as Database
      await tamper(place, [
        `insert into log_erasures (event_id, erasure_id, body_hash)
         select id, uuid_v7(), repeat('a', 64) from audit_event where event_type = 'ORCHESTRATION_COMPLETED'`,
        `update audit_event set details = null, message = null, salt = envelope_key(salt)
         where event_type = 'ORCHESTRATION_COMPLETED'`,
      ])
      expect(await verify(place)).toMatchObject({ outcome: 'defect', defect: { kind: 'event_altered' } })
      throw undone
    })
    await expect(attempt).rejects.toBe(undone)
    const honest = database.transaction(async (tx) => {
      const inside = { ...database, query: tx, transaction: (work: (one: typeof tx) => unknown) => work(tx) }
      const place = inside as unknown as Database
      await tamper(place, [
        `delete from log_erasures where event_id in (select event_id from log_erasures limit 1)`,
      ])
      expect((await verify(place)).outcome).toBe('defect')
      await tamper(place, [`update log_erasures set erasure_id = uuid_v7()`])
      expect(await verify(place)).toMatchObject({ outcome: 'defect' })
      throw undone
    })
    await expect(honest).rejects.toBe(undone)
  })
})

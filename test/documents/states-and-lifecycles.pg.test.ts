import { randomUUID } from 'node:crypto'
import { type Database, getExecution } from '@steptrail/core'
import { builtInEventTypes } from '@steptrail/event'
import { createSaga, operatorActions } from '@steptrail/saga'
import { describeOnBoth, fakeClock, openTestDatabase } from '@steptrail/testkit'
import { type Claim, defineWorkflow } from '@steptrail/workflow'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { root } from '../repository/source-files.ts'
import { lifecycleMoves, movesMade, movesNotMade, stateDiagram } from './lifecycle-tables.ts'
import { blocksIn, readDocument, tableOf, withSection } from './markdown.ts'

const path = 'docs/concepts/states-and-lifecycles.md'
const page = await readDocument(path)

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly meaning: string
}

async function auditColumns(database: Database): Promise<readonly ColumnRow[]> {
  const { rows } = await database.query<ColumnRow>(
    `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable,
            col_description(attrelid, attnum) as meaning
     from pg_attribute
     where attrelid = 'workflow_step_result_audit'::regclass and attnum > 0
     order by attnum`,
  )
  return rows
}

describe('the page on states and lifecycles', () => {
  it('has the tables and diagrams that the code has', async () => {
    const columns = await auditColumns(await openTestDatabase('postgres'))
    const sections = {
      'step moves': movesMade('step'),
      'step diagram': stateDiagram('step'),
      'execution moves': movesMade('execution'),
      'execution diagram': stateDiagram('execution'),
      'step moves not made': movesNotMade('step'),
      'execution moves not made': movesNotMade('execution'),
      'result audit columns': tableOf(
        ['column', 'type', 'null', 'meaning'],
        columns.map(({ name, type, nullable, meaning }) => [
          `\`${name}\``,
          type,
          nullable ? 'yes' : 'no',
          meaning,
        ]),
      ),
    }
    const made = Object.entries(sections).reduce((text, [name, part]) => withSection(text, name, part), page)
    await expect(made).toMatchFileSnapshot(root + path)
  })

  it('has shown each rule at work', () => {
    const moves = [...lifecycleMoves('step'), ...lifecycleMoves('execution')]
    const made = new Set(moves.filter(({ events }) => events !== null).map(({ by }) => by))
    expect(moves.map(({ by }) => by).filter((by) => !made.has(by))).toEqual([])
  })
})

describe('the table of orders', () => {
  const [, table = ''] = /^## What operators may order$([^]*?)^- /m.exec(page) ?? []
  const rows = [...table.matchAll(/^\| `([a-z-]+)` \|.*\| ([A-Z_]+) \|$/gm)]

  it('has every order, and types of events that there are', () => {
    expect(rows.map(([, order]) => order)).toEqual([...operatorActions])
    const types: readonly string[] = builtInEventTypes.map(({ eventType }) => eventType)
    expect(rows.map(([, , eventType]) => eventType).filter((type) => !types.includes(type ?? ''))).toEqual([])
  })
})

const oneStep = defineWorkflow({
  name: 'one-step',
  version: '1',
  input: z.object({}),
  retry: { maxRetries: 2, backoff: { type: 'fixed', delayMs: 10 } },
  steps: { createClient: { service: 'client-service', output: z.object({ id: z.string() }), after: [] } },
})

/** One execution whose first attempt is lost, whose second fails, and whose third succeeds. */
async function recorded(database: Database) {
  const clock = fakeClock(new Date().toISOString())
  await using saga = await createSaga(database, { clock, holdsClock: false })
  const workerUuid = randomUUID()
  const { name: workflowName, version: workflowVersion, definition } = oneStep
  await saga.dispatch.register({
    workerUuid,
    service: 'client-service',
    implements: [{ workflowName, workflowVersion, stepName: 'createClient' }],
    definitions: [definition],
    leaseMs: 60_000,
    host: 'host',
    pid: 1,
    version: null,
  })
  const { executionId } = await saga.start(oneStep, {}, { correlationId: 'rr-2026-1' })
  const claimed = async (): Promise<Claim> => {
    clock.advance(20)
    await saga.tick()
    const [claim] = await saga.dispatch.claim(workerUuid, 1)
    if (!claim) throw new Error('there is nothing to claim')
    return claim
  }
  const head = ({ stepId, attempt, attemptToken }: Claim) => ({
    stepId,
    executionId,
    attempt,
    attemptToken,
    workerUuid,
    executionTimeMs: 42,
  })
  const slow = await claimed()
  clock.advance(70_000)
  await saga.dispatch.heartbeat(workerUuid, [slow])
  await saga.tick()
  await saga.dispatch.report([{ ...head(await claimed()), success: false, error: { message: 'no' } }])
  await saga.dispatch.report([{ ...head(await claimed()), success: true, output: { id: 'c-1' } }])
  const { steps, status } = await getExecution(database, executionId)
  expect(status).toBe('completed')
  return { step_id: steps[0]?.stepId, execution_id: executionId, correlation_id: 'rr-2026-1', workerUuid }
}

describeOnBoth('the queries of the page', (open) => {
  let database: Database
  let ids: Awaited<ReturnType<typeof recorded>>
  beforeAll(async () => {
    database = await open()
    ids = await recorded(database)
  })

  const queries = blocksIn(page, 'sql')
  const rowsOf = async (start: string): Promise<readonly unknown[]> => {
    const query = queries.find((text) => text.includes(start)) ?? ''
    expect(query).not.toBe('')
    const text = query.replaceAll(/:'(\w+)'/g, (_, name: keyof typeof ids) => `'${ids[name]}'`)
    return (await database.query(text)).rows
  }

  it('give the results of a step with what the worker sent', async () => {
    const common = { worker_uuid: ids.workerUuid, correlation_id: 'rr-2026-1', execution_time_ms: 42 }
    expect(await rowsOf('where audit.workflow_step_uuid')).toMatchObject([
      { ...common, success: false, attempt: 2, event: { success: false, error: { message: 'no' } } },
      { ...common, success: true, attempt: 3, event: { success: true, result: { id: 'c-1' } } },
    ])
  })

  it('give those of an execution, of the workers, and of one cause', async () => {
    const step = { name: 'createClient', operation_type: 'DO' }
    expect(await rowsOf('where audit.task_uuid')).toMatchObject([
      { ...step, success: false },
      { ...step, success: true },
    ])
    expect(await rowsOf('left join workflow_workers')).toEqual([
      {
        service_name: 'client-service',
        worker_uuid: ids.workerUuid,
        results: 2,
        failures: 1,
        average_ms: '42',
      },
    ])
    expect(await rowsOf('where correlation_id')).toHaveLength(2)
  })

  it('give the attempt without a report from the events', async () => {
    expect(await rowsOf('outcomeUnknown')).toMatchObject([
      { step_name: 'createClient', operation_type: 'DO', reason: 'timeout', worker_uuid: ids.workerUuid },
    ])
  })

  it('are all of the page', () => {
    expect(queries).toHaveLength(5)
  })

  it('ask what the trigger wrote, which fires for the two states that the page names', async () => {
    const { rows } = await database.query<{ definition: string }>(
      `select pg_get_triggerdef(oid) as definition from pg_trigger
       where tgname = 'trg_step_result_audit' and tgrelid = 'workflow_step_transitions'::regclass`,
    )
    const states = [...(rows[0]?.definition ?? '').matchAll(/'([a-z_]+)'/g)].map(([, state]) => state)
    expect(states).toEqual(['enqueued_for_orchestration', 'enqueued_as_error_for_orchestration'])
  })
})

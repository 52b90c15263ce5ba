import { describeOnBoth, simulateHistory, writeHistory } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { declines, figures, partOf } from '../../test/history-figures.ts'
import { monthByHand, timeByHand, writeSelectionsByHand } from '../../test/selections-by-hand.ts'
import type { Database } from '../database/database.ts'
import { storeWorkflowExecutionAudit } from '../execution-audit/store-execution-audit.ts'
import type { ReportRow } from './report.ts'
import { makeReport, reports } from './reports.ts'

const dayMs = 86_400_000
const untilMs = Date.UTC(2026, 5, 1)
const history = simulateHistory({ seed: 4711, executions: 500, fromMs: untilMs - 60 * dayMs, untilMs })
const window = {
  since: new Date(untilMs - 30 * dayMs).toISOString(),
  until: new Date(untilMs).toISOString(),
}

/** Figures are compared to nine digits, and rows in the order of what they are about. */
const comparable = (rows: readonly ReportRow[]): readonly unknown[] =>
  rows
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === 'number' ? Number(value.toPrecision(9)) : value,
        ]),
      ),
    )
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

describe('the simulated history', () => {
  it('has what reports tell of', () => {
    const audits = history.executions.flatMap((execution) => execution.audits)
    expect(new Set(audits.map(({ outcome }) => outcome))).toEqual(new Set(['success', 'failed', 'partial']))
    expect(audits.filter(({ supersedesSeq }) => supersedesSeq !== null).length).toBeGreaterThan(3)
    expect(audits.some(({ adaptiveAdjustments }) => adaptiveAdjustments.length > 0)).toBe(true)
  })
})

describeOnBoth('reports', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    await writeHistory(database, history)
    await writeSelectionsByHand(database)
    if (database.kind === 'postgres') await database.query('analyze')
  })

  const read = async (slug: string, request = {}): Promise<readonly ReportRow[]> =>
    (await makeReport(database, slug, { ...window, limit: 1000, ...request })).rows

  describe.each(Object.keys(figures))('%s', (slug) => {
    it.each([
      {},
      { workflowName: 'tenant-provisioning' },
      { tenant: 'acme' },
      { workflowName: 'order-fulfilment', tenant: 'default' },
    ])('has the figures of the history, of %j', async (filter) => {
      if (slug === 'selected-workflows' && 'workflowName' in filter) return
      const expected = figures[slug]?.(partOf(history, { ...window, ...filter })) ?? []
      expect(expected.length).toBeGreaterThan(0)
      expect(comparable(await read(slug, filter))).toEqual(comparable(expected))
    })
  })

  it('tell DO and UNDO apart, and of one alone where that is asked', async () => {
    for (const slug of ['slow-steps', 'step-durations', 'retry-patterns', 'retry-success', 'waiting']) {
      const all = await read(slug)
      expect(new Set(all.map((row) => row['operation_type']))).toEqual(new Set(['DO', 'UNDO']))
      for (const operation of ['DO', 'UNDO'])
        expect(await read(slug, { operation })).toEqual(
          all.filter((row) => row['operation_type'] === operation),
        )
    }
  })

  it('have their rows in the order that they say', async () => {
    const slow = (await read('slow-steps')).map((row) => Number(row['avg_duration_ms']))
    expect(slow).toEqual(slow.toSorted((a, b) => b - a))
    const effective = (await read('effective-workflows')).map((row) => Number(row['avg_effectiveness']))
    expect(effective).toEqual(effective.toSorted((a, b) => b - a))
    expect(await read('slow-steps', { limit: 2 })).toHaveLength(2)
  })

  it('tell the retries of one execution', async () => {
    const retried = history.executions.find(
      ({ events }) => events.filter(({ eventType }) => eventType === 'STEP_RETRY_TRIGGERED').length > 2,
    )
    const retries = retried?.events.filter(({ eventType }) => eventType === 'STEP_RETRY_TRIGGERED') ?? []
    const executionId = retries[0]?.executionId ?? ''
    const rows = await read('step-retries', { executionId: executionId.toUpperCase() })
    expect(rows.reduce((sum, row) => sum + Number(row['retry_count']), 0)).toBe(retries.length)
    for (const row of rows) {
      const same = retries.filter(
        ({ stepName, operationType }) =>
          stepName === row['step_name'] && operationType === row['operation_type'],
      )
      const total = same.reduce((sum, { details }) => sum + Number(details?.['backoffMs']), 0)
      expect(row).toMatchObject({ retry_count: same.length, avg_backoff_ms: total / same.length })
    }
  })

  it('tell which workflows decline', async () => {
    const middle = new Date(untilMs - 15 * dayMs).toISOString()
    const expected = declines(partOf(history, window), middle)
    expect(expected.length).toBeGreaterThan(0)
    expect(comparable(await read('declining-workflows'))).toEqual(comparable(expected))
  })

  describe('of selections that are counted by hand', () => {
    const values = async (slug: string, request = {}) =>
      (await read(slug, { ...monthByHand, ...request })).map((row) => Object.values(row))

    it('tell what is chosen most: what was validated last, once for each selection', async () => {
      expect(await values('selected-workflows')).toEqual([
        ['a', 3, 3, 1, 1, 1],
        ['b', 4, 1, 0, 1, 0.25],
        ['e', 0, 1, 0, 0, null],
        ['c', 3, 0, 1, 0, 0],
        ['d', 1, 0, 0, 0, 0],
      ])
      expect(await values('selected-workflows', { workflowName: 'c', tenant: 'acme' })).toEqual([
        ['c', 1, 0, 1, 0, 0],
      ])
    })

    it('tell what is offered and never chosen, and at which place at best', async () => {
      const last = timeByHand(1, 1)
      expect(await values('never-chosen-workflows')).toEqual([
        ['c', 3, 1, 1, timeByHand(5, 0)],
        ['d', 1, 0, 4, last],
      ])
      expect(await values('never-chosen-workflows', { tenant: 'default' })).toEqual([
        ['c', 2, 0, 3, last],
        ['d', 1, 0, 4, last],
      ])
    })

    it('tell what is chosen and then fails', async () => {
      expect(await values('failing-selections')).toEqual([
        ['b', 1, 1, 1, 1],
        ['a', 3, 2, 1, 0.5],
      ])
    })

    it('tell of one workflow what they tell of it among all', async () => {
      expect(await values('failing-selections', { workflowName: 'b' })).toEqual([['b', 1, 1, 1, 1]])
      expect(await values('selected-workflows', { workflowName: 'b' })).toEqual([['b', 4, 1, 0, 1, 0.25]])
    })

    it('tell which versions succeed less than is expected of them', async () => {
      expect(await values('underperforming-workflows')).toEqual([
        ['b', '1.0.0', 1, 0.5, 0, -0.5],
        ['a', '1.0.0', 2, 0.9, 0.5, -0.4],
      ])
    })
  })

  it('tell what a version changed', async () => {
    const whole = { since: new Date(untilMs - 60 * dayMs).toISOString() }
    const rows = await read('versions', { ...whole, workflowName: 'tenant-provisioning' })
    const all = partOf(history, { ...window, ...whole }).audits
    for (const [version, value] of [
      ['1.0.0', 'from_value'],
      ['1.1.0', 'to_value'],
    ] as const) {
      const own = all.filter(
        (audit) => audit.workflowName === 'tenant-provisioning' && audit.workflowVersion === version,
      )
      const figure = (measure: string): unknown => rows.find((row) => row['measure'] === measure)?.[value]
      expect(figure('execution_count')).toBe(own.length)
      expect(figure('success_rate')).toBeCloseTo(
        own.filter(({ outcome }) => outcome === 'success').length / own.length,
        9,
      )
    }
    expect(rows).toContainEqual(expect.objectContaining({ measure: 'step_added', step: 'warmCache' }))
    expect(rows).toContainEqual(expect.objectContaining({ measure: 'step_changed', step: 'createUser' }))
    expect(
      rows.find((row) => row['measure'] === 'avg_step_duration_ms' && row['step'] === 'warmCache'),
    ).toMatchObject({ from_value: null, from_version: '1.0.0', to_version: '1.1.0', change: null })
  })

  it('count what other engines posted', async () => {
    await storeWorkflowExecutionAudit(
      database,
      {
        workflow_name: 'elsewhere',
        workflow_version: '1',
        total_steps: 1,
        steps_completed: 1,
        outcome: 'success',
      },
      { now: untilMs - dayMs },
    )
    expect(await read('effective-workflows', { workflowName: 'elsewhere' })).toMatchObject([
      { execution_count: 1, avg_effectiveness: 1, avg_duration_seconds: null },
    ])
  })

  it('refuse what they do not know, by its name', async () => {
    const refused = async (slug: string, request: object): Promise<unknown> =>
      await makeReport(database, slug, request).catch((error: unknown) => error)
    expect(await refused('best-workflows', {})).toMatchObject({ code: 'unknown_report' })
    expect(await refused('slow-steps', { since: 'yesterday' })).toMatchObject({
      details: { filter: 'since' },
    })
    expect(await refused('adjustments', { operation: 'DO' })).toMatchObject({
      details: { filter: 'operation' },
    })
    expect(await refused('step-retries', {})).toMatchObject({ details: { filter: 'executionId' } })
    expect(await refused('slow-steps', { limit: 0 })).toMatchObject({ details: { filter: 'limit' } })
    expect(await refused('slow-steps', { ...window, since: window.until })).toMatchObject({
      details: { filter: 'since' },
    })
    expect(await refused('slow-steps', { colour: 'red' })).toMatchObject({ details: { filter: 'colour' } })
  })

  it('have exactly the columns that they name', async () => {
    for (const { slug, columns, requires } of reports) {
      const needed = new Set<string>(requires)
      const request = {
        ...(needed.has('workflowName') && { workflowName: 'tenant-provisioning' }),
        ...(needed.has('executionId') && {
          executionId: history.executions
            .flatMap(({ events }) => events)
            .find(({ eventType }) => eventType === 'STEP_RETRY_TRIGGERED')?.executionId,
        }),
        since: new Date(untilMs - 60 * dayMs).toISOString(),
      }
      for (const row of await read(slug, request))
        expect(Object.keys(row).toSorted(), slug).toEqual(columns.map(({ name }) => name).toSorted())
    }
  })
})

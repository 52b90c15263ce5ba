import { registerEntries } from '@steptrail/catalog'
import { type Database, reports } from '@steptrail/core'
import { openTestDatabase, simulateHistory, writeHistory } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { run, type RunResult } from '../../test/run.ts'

const untilMs = Date.UTC(2026, 5, 1)
const history = simulateHistory({ seed: 3, executions: 300, fromMs: untilMs - 60 * 86_400_000, untilMs })
const retried = history.executions
  .flatMap(({ events }) => events)
  .find(({ eventType }) => eventType === 'STEP_RETRY_TRIGGERED')?.executionId

/** What the history ran, as a catalogue that expects too much of it. */
const everywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
const offers = {
  actionTypes: [{ actionType: 'Provision', what: 'Provisions.', whenToUse: '', whenNotToUse: '' }],
  workflows: history.definitions.map(({ name, version }) => ({
    workflowName: name,
    version,
    actionType: 'Provision',
    title: name,
    description: '',
    labels: everywhere,
    parameters: { type: 'object' },
    expectedSuccessRate: 1,
  })),
}

describe('steptrail report', () => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase('embedded')
    await writeHistory(database, history)
    await registerEntries(database, offers, { actor: { type: 'user', id: 'anna' } })
  })

  const report = (slug: string, args: readonly string[] = []): Promise<RunResult> =>
    run(['report', slug, '--until', '2026-06-01', ...args], { database })

  it.each(reports.map(({ slug, requires }) => [slug, requires as readonly string[]] as const))(
    '%s says what it tells, of when, and draws a table that fits',
    async (slug, requires) => {
      const { code, stdout, stderr } = await report(slug, [
        '--since',
        '2026-04-02',
        ...(requires.includes('workflowName') ? ['--workflow', 'tenant-provisioning'] : []),
        ...(requires.includes('executionId') ? ['--execution', retried ?? ''] : []),
      ])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const [about, time, empty, head, ...rows] = stdout.trimEnd().split('\n')
      expect(about).toBe(reports.find((each) => each.slug === slug)?.about)
      expect(time).toMatch(/^2026-04-\d\d 00:00 to 2026-06-01 00:00 UTC$/)
      expect(empty).toBe('')
      expect(head).not.toContain('Nothing to report')
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(140)
    },
  )

  it('shows numbers as people read them, and gives them to programs as they are', async () => {
    const { stdout } = await report('effective-workflows', ['--workflow', 'nightly-report'])
    expect(stdout).toMatch(/^workflow +executions +avg effectiveness +avg steps +avg duration$/m)
    expect(stdout).toMatch(/^nightly-report +\d+ +\d+\.\d % +2 +[\d.]+ (s|min \d\d s)$/m)
    const json = await report('effective-workflows', ['--workflow', 'nightly-report', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      report: 'effective-workflows',
      window: { until: '2026-06-01T00:00:00.000Z' },
      rows: [{ workflow_name: 'nightly-report', avg_steps: 2 }],
    })
  })

  it('gives each pattern of an error a line of its own', async () => {
    const { stdout } = await report('failing-workflows', ['--since', '2026-04-02'])
    expect(stdout).toMatch(/^tenant-provisioning +\d+ +[\d.]+ +\d+ × \S/m)
    expect(stdout).toMatch(/ \d+ × \w+: <id> is locked by <id>\n {20,}\d+ × /)
  })

  it('shows two versions side by side, each measure in its unit', async () => {
    const workflow = ['--workflow', 'tenant-provisioning', '--since', '2026-04-02']
    const { stdout } = await report('versions', workflow)
    expect(stdout).toMatch(/^measure +step +1\.0\.0 +1\.1\.0 +change$/m)
    expect(stdout).toMatch(/^success rate +[\d.]+ % +[\d.]+ % +[+-][\d.]+ pp$/m)
    expect(stdout).toMatch(/^avg step duration +createUser +[\d.]+ m?s +[\d.]+ m?s +[+-][\d.]+ m?s$/m)
    expect(stdout).toMatch(/^step added +warmCache$/m)
  })

  it('says so when there is nothing to tell', async () => {
    const { stdout } = await report('adjustments', ['--workflow', 'unheard-of'])
    expect(stdout).toContain('Nothing to report in this time')
  })

  it('refuses what a report does not take, and asks for what it needs', async () => {
    expect(await report('adjustments', ['--period', 'day'])).toMatchObject({ code: 2 })
    expect(await report('step-retries')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--execution') as string,
    })
  })
})

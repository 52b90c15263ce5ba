import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '@steptrail/core'
import { openTestDatabase, simulateHistory, writeHistory } from '@steptrail/testkit'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { run, type RunResult } from '../../test/run.ts'

const untilMs = Date.UTC(2026, 2, 20)
const by = ['--actor', 'user:anna', '--reason', 'the audit of spring']

describe('steptrail retention and hold', () => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase('embedded')
    const fromMs = untilMs - 40 * 86_400_000
    await writeHistory(database, simulateHistory({ seed: 5, executions: 30, fromMs, untilMs }))
  })

  const steptrail = (...args: readonly string[]): Promise<RunResult> => run(args, { database })

  it('hold, let go of the rest with an archive, release, and tell what was done', async () => {
    const archive = await mkdtemp(join(tmpdir(), 'steptrail-archive-'))
    onTestFinished(() => rm(archive, { recursive: true, force: true }))
    const placed = await steptrail('hold', 'place', '--workflow', 'nightly-report', '--json', ...by)
    const { holdId } = JSON.parse(placed.stdout) as { readonly holdId: string }
    expect((await steptrail('hold', 'list')).stdout).toMatch(
      new RegExp(`^${holdId} +workflow nightly-report +user:anna +the audit of spring$`, 'm'),
    )

    const plan = await steptrail('retention', 'plan')
    expect((await steptrail('retention', 'run', '--dry-run')).stdout).toBe(plan.stdout)
    expect(plan.stdout).toMatch(/^table +month +would go +kept$/m)
    expect(plan.stdout).toMatch(/^audit_event +2026-0[23] +\d+ +[1-9]\d*$/m)
    const ran = await steptrail('retention', 'run', '--archive-dir', archive)
    expect(ran.stdout.replaceAll('went', 'would go').replaceAll(/ +/g, ' ')).toBe(
      plan.stdout.replaceAll(/ +/g, ' '),
    )
    expect(await readdir(archive)).toEqual(expect.arrayContaining(['audit_event', 'manifests']))
    expect((await steptrail('retention', 'plan')).stdout).toBe('Nothing has come to its end.\n')

    expect((await steptrail('hold', 'release', holdId, ...by)).code).toBe(0)
    expect((await steptrail('hold', 'list')).stdout).toBe('Nothing is held.\n')
    expect((await steptrail('retention', 'run', '--without-archive', '--json')).code).toBe(0)
    const { rows } = await database.query(`select from audit_event where entity_type <> 'TRAIL'`)
    expect(rows).toEqual([])
    expect((await steptrail('retention', 'runs')).stdout.match(/ done /g)).toHaveLength(2)
  })

  it('set and remove policies', async () => {
    expect((await steptrail('retention', 'keep', '365', '--workflow', 'payroll', ...by)).code).toBe(0)
    expect((await steptrail('retention', 'policies')).stdout).toBe(
      'workflow payroll: 365 days\nWhat no policy matches is kept for 90 days.\n',
    )
    expect((await steptrail('retention', 'unset', '--workflow', 'payroll', ...by)).stdout).toBe('Removed.\n')
    expect((await steptrail('retention', 'keep', '0', ...by)).code).toBe(2)
  })

  it('refuse to let go of anything without being told where to archive, and orders without a reason', async () => {
    expect(await steptrail('retention', 'run')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--archive-dir') as string,
    })
    expect((await steptrail('hold', 'place', '--workflow', 'w', '--actor', 'user:anna')).code).toBe(2)
    expect((await steptrail('hold', 'release', 'nothing', ...by)).code).toBe(4)
  })
})

import { type Database, getExecution, getExecutionEvents } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { greeting } from '../../test/greeting.ts'
import { run, type RunOptions, type RunResult } from '../../test/run.ts'

const by = ['--actor', 'user:anna', '--reason', 'ticket 7']

describeOnBoth('act', (open, kind) => {
  let database: Database
  let executionId = ''

  beforeAll(async () => {
    database = await open()
  })

  const start = async (): Promise<void> => {
    await using saga = await createSaga(database, { holdsClock: false })
    ;({ executionId } = await saga.start(greeting, { guest: 'friend' }))
  }
  const act = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    run(['act', executionId, ...args], { database, ...options })
  const latest = async () => (await getExecutionEvents(database, executionId)).at(-1)

  describe('an order', () => {
    beforeEach(start)

    it.each([
      ['pause', [], 'ORCHESTRATION_PAUSED', 'paused'],
      ['skip', ['--step', 'shakeHands'], 'STEP_SKIPPED', 'running'],
      ['adjust', ['--step', 'openDoor', '--timeout-ms', '5000'], 'ADAPTIVE_ADJUSTMENT', 'running'],
      ['cancel', ['--no-rollback'], 'ORCHESTRATION_CANCELLED', 'cancelled'],
    ])('%s is done and on record, and says so', async (action, options, eventType, status) => {
      expect(await act([action, ...options, ...by])).toEqual({
        code: 0,
        stderr: '',
        stdout: `Done and on record: ${action}${options[0] === '--step' ? ` of ${options[1] ?? ''}` : ''}. Execution ${executionId} is ${status}.
To see it: steptrail executions show ${executionId} --events
`,
      })
      expect(await latest()).toMatchObject({
        eventType,
        actorType: 'user',
        actorId: 'anna',
        reason: 'ticket 7',
      })
    })

    it('goes on after a pause, and rolls back on cancel unless told otherwise', async () => {
      await act(['pause', ...by])
      await act(['resume', ...by])
      expect(await latest()).toMatchObject({ eventType: 'ORCHESTRATION_RESUMED' })
      await act(['cancel', ...by])
      expect(await latest()).toMatchObject({ eventType: 'ROLLBACK_COMPLETED' })
    })

    it('gives the execution as JSON', async () => {
      const args = ['resolve', '--step', 'openDoor', '--output', '-', ...by, '--json']
      const { code, stdout } = await act(args, { stdin: '{}' })
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        executionId,
        steps: [
          { name: 'openDoor', status: 'resolved_manually' },
          { name: 'shakeHands', status: 'enqueued' },
        ],
      })
    })

    it('needs the second person that the setting demands', async () => {
      const env = { STEPTRAIL_SECOND_PERSON_FOR: 'cancel, skip' }
      const alone = await act(['cancel', ...by], { env })
      expect(alone).toMatchObject({ code: 2, stdout: '' })
      expect(alone.stderr).toContain('by policy a second person has to approve of it')
      const args = ['cancel', '--no-rollback', ...by, '--approved-by', 'user:bob']
      expect(await act(args, { env })).toMatchObject({ code: 0 })
      expect(await latest()).toMatchObject({ details: { approvedBy: { type: 'user', id: 'bob' } } })
    })
  })

  describe.runIf(kind === 'embedded')('is refused, and changes nothing,', () => {
    beforeAll(start)

    it.each([
      ['without a reason', ['pause', '--actor', 'user:anna'], 2, "required option '--reason <text>'"],
      ['without an actor', ['pause', '--reason', 'x'], 2, "required option '--actor <type:id>'"],
      ['with an empty reason', ['pause', '--actor', 'user:anna', '--reason', ' '], 2, 'say why'],
      ['with an actor of no known type', ['pause', '--actor', 'robot:r2', '--reason', 'x'], 2, 'TYPE:ID'],
      ['for an unknown action', ['explode', ...by], 2, 'Allowed choices are retry'],
      ['without the step that it is for', ['skip', ...by], 2, 'skip needs --step'],
      ['with a step that it has no use for', ['pause', '--step', 'openDoor', ...by], 2, 'leave --step'],
      ['with an output that is not for it', ['pause', '--output', '{}', ...by], 2, '--output is for resolve'],
      ['with limits that are not for it', ['pause', '--max-retries', '3', ...by], 2, 'are for adjust'],
      ['with a rollback that is not for it', ['pause', '--no-rollback', ...by], 2, 'is for cancel'],
      ['without a limit', ['adjust', '--step', 'openDoor', ...by], 2, 'adjust needs one of'],
      [
        'with an output that the step could not have',
        ['resolve', '--step', 'shakeHands', '--output', '{"hands":"two"}', ...by],
        2,
        'does not fit the schema',
      ],
      ['for an unknown step', ['skip', '--step', 'nope', ...by], 4, 'its steps are openDoor, shakeHands'],
      ['in a state that it does not fit', ['resume', ...by], 1, 'it is running, not paused'],
      [
        'beyond the limits',
        ['adjust', '--step', 'openDoor', '--max-retries', '999', ...by],
        1,
        'maxRetries is 999',
      ],
    ])('%s', async (...[, args, code, told]) => {
      const before = await getExecution(database, executionId)
      const result = await act(args)
      expect(result).toMatchObject({ code, stdout: '' })
      expect(result.stderr).toContain(told)
      expect(await getExecution(database, executionId)).toEqual(before)
    })

    it('with a setting that names no action', async () => {
      const result = await act(['pause', ...by], { env: { STEPTRAIL_SECOND_PERSON_FOR: 'explode' } })
      expect(result).toMatchObject({ code: 2, stdout: '' })
      expect(result.stderr).toContain('STEPTRAIL_SECOND_PERSON_FOR names "explode"')
    })
  })
})

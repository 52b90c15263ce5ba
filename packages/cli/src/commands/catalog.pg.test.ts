import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Discovery } from '@steptrail/catalog'
import { createTrail, type Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, type RunResult } from '../../test/run.ts'

const by = ['--actor', 'user:anna', '--reason', 'ticket 7']
const situation = { severity: 'critical', component: 'pod', environment: 'production', priority: 'P0' }

const actionTypes = `actionTypes:
  - actionType: RestartPod
    what: Restarts one pod.
    whenToUse: A pod hangs.
    whenNotToUse: All pods hang.
`
const workflow = (name: string, { version = '1.0.0', environment = "'*'", pod = 'string' } = {}): string => `
  - workflowName: ${name}
    version: ${version}
    actionType: RestartPod
    title: Restart (${name})
    description: Restarts a pod that hangs.
    labels:
      severity: ['*']
      component: [pod]
      environment: [${environment}]
      priority: ['*']
    parameters:
      type: object
      properties:
        pod: { type: ${pod} }
      required: [pod]
    owner: platform-team
    expectedSuccessRate: 0.9`

let database: Database
let directory = ''
beforeAll(async () => {
  database = await openTestDatabase('postgres')
  directory = await mkdtemp(join(tmpdir(), 'steptrail-catalogue-'))
  await write('actions.yaml', actionTypes)
  await write(
    'pods.yml',
    `workflows:${workflow('restart')}${workflow('restart-staging', { environment: 'staging' })}\n`,
  )
})
afterAll(() => rm(directory, { recursive: true }))

const write = (file: string, text: string): Promise<void> => writeFile(join(directory, file), text)
const catalog = (...args: readonly string[]): Promise<RunResult> => run(['catalog', ...args], { database })
const done = (stdout: unknown) => ({ code: 0, stderr: '', stdout })
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string
const idOf = async (name: string): Promise<string> =>
  (JSON.parse((await catalog('show', name, '--json')).stdout) as { readonly workflowId: string }).workflowId

describe('steptrail catalog apply', () => {
  it('registers the files of a directory, says what is new, and does nothing the second time', async () => {
    expect(await catalog('list')).toEqual(
      done('Nothing matches. `steptrail catalog apply DIR` registers workflows.\n'),
    )
    expect(await catalog('apply', directory, '--reason', 'the first set')).toEqual(
      done(
        matching(
          /^registered action type RestartPod\nregistered restart 1\.0\.0 as [0-9a-f-]{36}\nregistered restart-staging 1\.0\.0 as [0-9a-f-]{36}\n2 files: 2 workflows registered, 0 unchanged; 1 action type registered or changed, 0 unchanged\n$/,
        ),
      ),
    )
    const again = await catalog('apply', directory, '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({
      files: [join(directory, 'actions.yaml'), join(directory, 'pods.yml')],
      actionTypes: [{ outcome: 'unchanged' }],
      workflows: [{ outcome: 'unchanged' }, { outcome: 'unchanged' }],
    })
  })

  it.each([
    ['YAML that is none', `workflows:\n  - {\n`, 2, /^error .*bad\.yaml:3:1: not YAML: /],
    ['a file that has nothing to do here', 'jobs: []\n', 2, /bad\.yaml:1: "jobs" is not known here/],
    [
      'an unknown action type',
      `workflows:${workflow('fly').replace('RestartPod', 'Fly')}\n`,
      2,
      /bad\.yaml:4: workflows\[\d\] is refused: actionType \("Fly"\) is no action type .* take one of RestartPod/,
    ],
    [
      'a label with a control character',
      `workflows:${workflow('bell', { environment: '"a\\u0007"' })}\n`,
      2,
      /bad\.yaml:10: .*labels\.environment\[0\].*control character/,
    ],
    [
      'parameters that are no JSON Schema',
      `workflows:${workflow('text', { pod: 'text' })}\n`,
      2,
      /bad\.yaml:15: .*parameters\.properties\.pod\.type is no JSON Schema/,
    ],
    [
      'other content under the same version',
      `workflows:${workflow('restart', { environment: 'test' })}\n`,
      1,
      /bad\.yaml:2: workflow restart 1\.0\.0 is in the catalogue with other content .*new version/,
    ],
  ])('refuses all of it for %s, naming file and line', async (_, text, code, message) => {
    await write('bad.yaml', text)
    await write('good.yaml', `workflows:${workflow('good')}\n`)
    try {
      const refused = await catalog('apply', directory)
      expect(refused).toEqual({ code, stdout: '', stderr: matching(message) })
      expect(refused.stderr).toContain('Nothing was registered.')
      expect(await catalog('show', 'good')).toMatchObject({ code: 4 })
    } finally {
      await rm(join(directory, 'bad.yaml'))
      await rm(join(directory, 'good.yaml'))
    }
  })

  it('says so when there is nothing to read', async () => {
    expect(await catalog('apply', join(directory, 'nowhere'))).toMatchObject({
      code: 2,
      stderr: matching(/nowhere cannot be read: give a directory of YAML files, or one of them/),
    })
  })
})

describe('steptrail catalog list', () => {
  it('draws a table of what is asked for, and gives it to programs', async () => {
    const { stdout } = await catalog('list', '--action', 'RestartPod', '--status', 'active')
    expect(stdout).toMatch(/^workflow +version +action type +status +executions +success +id$/m)
    expect(stdout).toMatch(/^restart +1\.0\.0 +RestartPod +active +0 +[0-9a-f-]{36}$/m)
    const json = await catalog('list', '--limit', '1', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      workflows: [{ workflowName: 'restart', successMetrics: { totalExecutions: 0 } }],
      nextCursor: expect.any(String) as string,
    })
    expect((await catalog('list', '--tenant', 'acme')).stdout).toContain('Nothing matches.')
    expect(await catalog('list', '--status', 'old')).toMatchObject({ code: 2 })
    expect(await catalog('list', '--limit', '0')).toMatchObject({
      code: 2,
      stderr: matching(/limit \(0\) is not a whole number from 1 to 1000/),
    })
  })

  it('says that there are more', async () => {
    const { stdout } = await catalog('list', '--limit', '1')
    const cursor = /^There are more: --cursor (\S+)$/m.exec(stdout)?.[1] ?? ''
    expect((await catalog('list', '--cursor', cursor)).stdout).toMatch(/^restart-staging /m)
    expect(await catalog('list', '--cursor', 'x')).toMatchObject({ code: 2 })
  })
})

describe('steptrail catalog show', () => {
  it('shows a workflow by name, by name and version, and by id', async () => {
    const id = await idOf('restart')
    const shown = await catalog('show', 'restart')
    expect(shown.stdout).toMatch(/^restart 1\.0\.0 {2}Restart \(restart\)\n/)
    for (const [name, value] of [
      ['status', 'active'],
      ['labels', 'severity: \\*'],
      ['parameters', 'pod'],
      ['executions', 'none yet, 90 % expected'],
      ['id', id],
      ['versions', '1\\.0\\.0 \\(active\\)'],
    ])
      expect(shown.stdout).toMatch(new RegExp(`^ {2}${name} +${value}$`, 'm'))
    for (const name of ['restart@1.0.0', id]) expect(await catalog('show', name)).toEqual(shown)
    expect(await catalog('show', 'restart@2.0.0')).toMatchObject({
      code: 4,
      stderr: matching(/the catalogue has no workflow "restart@2\.0\.0": .*steptrail catalog list/),
    })
  })
})

describe('steptrail catalog disable, enable and deprecate', () => {
  it('change what is offered, and want to know who and why', async () => {
    await write('second.yaml', `workflows:${workflow('restart', { version: '1.1.0' })}\n`)
    expect((await catalog('apply', join(directory, 'second.yaml'))).stdout).toContain(', in place of 1.0.0')
    expect(await catalog('enable', 'restart@1.0.0', ...by)).toEqual(
      done('restart 1.0.0 is active, in place of 1.1.0.\n'),
    )
    expect(await catalog('deprecate', 'restart@1.1.0', ...by)).toEqual(done('restart 1.1.0 is deprecated.\n'))
    const disabled = await catalog('disable', 'restart-staging', ...by, '--json')
    expect(JSON.parse(disabled.stdout)).toMatchObject({ status: 'disabled', disabledReason: 'ticket 7' })
    expect((await catalog('list', '--status', 'disabled')).stdout).toMatch(/^restart-staging .* disabled /m)
    expect(await catalog('disable', 'restart')).toMatchObject({ code: 2, stdout: '' })
    const { rows } = await database.query(
      `select event_type, actor_id, reason
       from audit_event
       where event_type in ('workflow.catalog.enabled', 'workflow.catalog.disabled')
       order by id`,
    )
    expect(rows).toEqual([
      { event_type: 'workflow.catalog.enabled', actor_id: 'anna', reason: 'ticket 7' },
      { event_type: 'workflow.catalog.disabled', actor_id: 'anna', reason: 'ticket 7' },
    ])
  })
})

describe('steptrail catalog why-not and replay', () => {
  beforeAll(async () => {
    await using trail = createTrail(database)
    const discovery = new Discovery({ database, recorder: trail.recorder })
    const caller = { actor: { type: 'agent', id: 'planner' }, tenant: 'default' } as const
    const asked = { remediationId: 'rr-1', context: situation }
    await discovery.listWorkflows({ ...asked, actionType: 'RestartPod' }, caller)
    const workflowId = await idOf('restart')
    await discovery.validateSelection({ ...asked, workflowId, parameters: { pod: 'web-1' } }, caller)
    await trail.flush()
  })

  it('tell why a workflow was not selected, by the record or by the catalogue as it is', async () => {
    const recorded = await catalog('why-not', 'restart-staging', '--remediation', 'rr-1')
    expect(recorded).toEqual(
      done(
        matching(
          /^restart-staging 1\.0\.0 is not on the list of RestartPod, as recorded at \S+\.\n {2}- It is disabled: ticket 7\.\n {2}- It is for environment staging, and environment production was asked for\.\n {2}- restart 1\.0\.0 was chosen\.\n$/,
        ),
      ),
    )
    const now = ['--severity', 'low', '--component', 'pod', '--environment', 'staging', '--priority', 'P3']
    expect((await catalog('why-not', 'restart', ...now)).stdout).toMatch(
      /^restart 1\.0\.0 is on the list of RestartPod, number 1, by the catalogue as it is\.\n {2}score 0\.52 = base 0\.52\n {2}Nothing kept it out, or down\.\n$/,
    )
    const json = await catalog('why-not', 'restart', ...now, '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ basis: 'current', offered: true, rank: 1, reasons: [] })
  })

  it('want one of a remediation and a situation', async () => {
    const one = matching(/give either --remediation, or the situation/)
    expect(await catalog('why-not', 'restart')).toMatchObject({ code: 2, stderr: one })
    const both = ['--remediation', 'rr-1', '--severity', 'low']
    expect(await catalog('why-not', 'restart', ...both)).toMatchObject({ code: 2, stderr: one })
    expect(await catalog('why-not', 'restart', '--detected', 'gitOps=maybe')).toMatchObject({ code: 2 })
    expect(await catalog('why-not', 'restart', '--remediation', 'rr-2')).toMatchObject({ code: 4 })
  })

  it('tell a selection as a story', async () => {
    const { stdout } = await catalog('replay', 'rr-1')
    const time = String.raw` {2}\d\d:\d\d:\d\d\.\d{3} {2}`
    expect(stdout).toMatch(
      new RegExp(
        [
          '^rr-1',
          `${time}asked +Asked for severity critical, component pod, environment production, priority P0\\. {2}agent:planner`,
          `${time}offered +For RestartPod were offered restart 1\\.0\\.0 \\(0\\.52\\)\\. {2}agent:planner`,
          `${time}validated +Chose restart 1\\.0\\.0; its parameters are valid\\. {2}agent:planner\n$`,
        ].join('\n'),
      ),
    )
    const json = await catalog('replay', 'rr-1', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ chosen: { workflowName: 'restart' }, executions: [] })
    expect(await catalog('replay', 'rr-2')).toMatchObject({ code: 4 })
  })
})

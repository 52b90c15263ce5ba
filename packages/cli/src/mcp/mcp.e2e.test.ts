import { registerEntries } from '@steptrail/catalog'
import { createTrail, openDatabase } from '@steptrail/core'
import { createMigratedDatabase, type Program, startProgram } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'

const main = new URL('../main.ts', import.meta.url)
const situation = { severity: 'critical', component: 'deployment', environment: 'production', priority: 'P0' }
let url = ''

beforeAll(async () => {
  url = await createMigratedDatabase()
  await using database = await openDatabase({ url })
  const long = 'x'.repeat(2_000)
  const actionTypes = Array.from({ length: 100 }, (_, number) => ({
    actionType: `Restart${number}`,
    what: long,
    whenToUse: long,
    whenNotToUse: '',
  }))
  const workflows = actionTypes.map(({ actionType }) => ({
    workflowName: actionType.toLowerCase(),
    version: '1',
    actionType,
    title: 'Restart',
    description: 'Restarts.',
    labels: { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] },
    parameters: { type: 'object' },
  }))
  await registerEntries(database, { actionTypes, workflows }, { actor: { type: 'user', id: 'anna' } })
})

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers as they expect them to be
type Answer = any

/** A process of `steptrail mcp`, spoken to line by line. */
class Session {
  readonly program: Program

  constructor() {
    this.program = startProgram(main, { args: ['mcp', '--database', url, '--agent', 'raw'] })
  }

  write(...lines: readonly (string | object)[]): void {
    for (const line of lines)
      this.program.stdin.write(
        `${typeof line === 'string' ? line : JSON.stringify({ jsonrpc: '2.0', ...line })}\n`,
      )
  }

  async answer(id: string | number): Promise<Answer> {
    return JSON.parse(await this.program.line(`"id":${JSON.stringify(id)}`))
  }

  /** Ends its input, and gives how it ended and all that it said. */
  async end(): Promise<{
    readonly code: number | null
    readonly answers: readonly Answer[]
    readonly stderr: string
  }> {
    this.program.stdin.end()
    const { code, stdout, stderr } = await this.program.ended
    const lines = stdout.split('\n').slice(0, -1)
    return { code, answers: lines.map((line): Answer => JSON.parse(line)), stderr }
  }
}

const listActions = (id: string | number, remediationId: string, args: object = {}) => ({
  id,
  method: 'tools/call',
  params: { name: 'list_actions', arguments: { remediationId, ...situation, ...args } },
})
const ping = (id: string | number) => ({ id, method: 'ping' })

async function eventsOf(correlationId: string): Promise<number> {
  await using trail = createTrail(await openDatabase({ url }), { recorder: { spool: false } })
  return (await trail.listEvents({ correlationId, limit: 1000 })).items.length
}

describe('a client that sends what it must not', () => {
  it('is told what is wrong with each, and goes on', async () => {
    const session = new Session()
    session.write('no JSON', '{"jsonrpc":"2.0","id":1,"method":5}', '{"id":2,"method":"ping"}')
    session.write('null', '[]', '', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}')
    session.write('{"jsonrpc":"2.0","id":3,"method":"tools/call","params":[1]}')
    // What is no request gets no answer, be it wrong.
    session.write(
      '{"method":7}',
      '{"jsonrpc":"2.0","id":4,"error":5}',
      '{"jsonrpc":"2.0","id":5,"result":{}}',
    )
    session.write(ping('last'))
    const { code, answers, stderr } = await session.end()
    expect(code).toBe(0)
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [null, -32_700],
      [1, -32_600],
      [2, -32_600],
      [null, -32_600],
      [null, -32_600],
      [null, -32_600],
      [3, -32_600],
      ['last', undefined],
    ])
    expect(answers[0].error.message).toContain('send one message of JSON-RPC 2.0 a line')
    expect(answers[1].error.message).toContain('give "jsonrpc": "2.0", a "method"')
    expect(stderr.match(/what the agent sent was not understood/g)).toHaveLength(10)
  })

  it('may send a batch, of which each is answered', async () => {
    const session = new Session()
    session.write(JSON.stringify([{ jsonrpc: '2.0', ...ping(1) }, 5, { jsonrpc: '2.0', ...ping(2) }]))
    const { code, answers } = await session.end()
    expect(code).toBe(0)
    expect(answers.map(({ id }) => id).toSorted()).toEqual([1, 2, null])
  })

  it('is told of a message that is too long, which is kept nowhere, and goes on', async () => {
    const session = new Session()
    const mebibyte = 'x'.repeat(1024 * 1024)
    for (let sent = 0; sent < 40; sent += 1) session.program.stdin.write(mebibyte)
    session.write('', ping('after'))
    expect(await session.answer('after')).toMatchObject({ result: {} })
    const { code, answers } = await session.end()
    expect(code).toBe(0)
    expect(answers[0]).toMatchObject({ id: null, error: { code: -32_600 } })
    expect(answers[0].error.message).toContain('longer than 10485760 bytes: send less at once')
  })
})

describe('the end of a session', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('comes with %s, though its input is open', async (signal) => {
    const session = new Session()
    session.write(ping(1))
    await session.answer(1)
    expect(await session.program.signal(signal)).toEqual({ code: 0, signal: null })
    expect((await session.program.ended).stderr).toBe('')
  })

  it('waits for every answer, of long ones, of many, and of requests with one and the same id', async () => {
    const session = new Session()
    for (let number = 0; number < 30; number += 1) session.write(listActions(number, 'many', { limit: 100 }))
    for (let number = 0; number < 5; number += 1) session.write(listActions('same', 'many'))
    session.program.stdin.write('{"jsonrpc":"2.0","id":')
    const { code, answers, stderr } = await session.end()
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(answers.filter(({ result }) => result.structuredContent.actionTypes.length === 100)).toHaveLength(
      30,
    )
    expect(answers.filter(({ id }) => id === 'same')).toHaveLength(5)
    expect(await eventsOf('many')).toBe(35)
  })

  it('waits for what was asked and then cancelled, which is on record and not answered', async () => {
    const session = new Session()
    for (let number = 0; number < 20; number += 1) session.write(listActions(number, 'cancelled'))
    for (let requestId = 0; requestId < 20; requestId += 1)
      session.write({ method: 'notifications/cancelled', params: { requestId } })
    session.write({ method: 'notifications/cancelled', params: { requestId: 'never asked' } }, ping('last'))
    const { code, answers, stderr } = await session.end()
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(answers.at(-1)).toMatchObject({ id: 'last' })
    expect(await eventsOf('cancelled')).toBe(20)
  })

  it('leaves on record what was asked, also where nobody reads the answers', async () => {
    const session = new Session()
    session.write(ping(1))
    await session.answer(1)
    session.program.closeStdout()
    for (let number = 2; number < 12; number += 1) session.write(listActions(number, 'gone'))
    expect(await session.program.exited).toEqual({ code: 0, signal: null })
    expect(await eventsOf('gone')).toBeGreaterThan(0)
  })
})

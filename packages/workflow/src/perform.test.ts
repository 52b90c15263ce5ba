import { setTimeout } from 'node:timers/promises'
import { TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { describe, expect, test } from 'vitest'
import { booking, claimOf } from '../test/booking.ts'
import type { Claim } from './dispatch.ts'
import type { ImplementedStep, UntypedHandler } from './implementations.ts'
import { workflowLimits } from './limits.ts'
import { perform, type Performed } from './perform.ts'

const options = {
  signal: new AbortController().signal,
  recordStack: false,
  adjust: () => Promise.resolve(),
}
const reserve = (handler: UntypedHandler): ImplementedStep => ({
  workflow: booking,
  output: booking.steps.reserve.output,
  handler,
})

/** The context that a handler is given for a claim. */
const contextFor = async (claim: Claim): Promise<unknown> => {
  const given: unknown[] = []
  const take = (context: unknown): unknown => {
    given.push(context)
    return { room: 1 }
  }
  const performed = await perform(claim, reserve({ do: take, undo: take }), options)
  expect(performed.success).toBe(true)
  return given[0]
}

/** What came of a DO that returns or throws. */
const performed = (body: () => unknown, claim: Partial<Claim> = {}): Promise<Performed> =>
  perform(claimOf('a', claim), reserve({ do: body }), options)

const common = {
  input: { guest: 'Ada', from: new Date('2025-11-04T10:00:00.000Z') },
  idempotencyKey: 'key-a',
  signal: options.signal,
  adjust: options.adjust,
  attempt: 3,
  executionId: 'execution-a',
  stepName: 'reserve',
  correlationId: 'correlation-a',
}

describe('DO', () => {
  test('is given the parsed input, the outputs of its ancestors, and who it is', async () => {
    const outputs = { first: { at: '2025-11-04T10:00:00.000Z' } }
    expect(await contextFor(claimOf('a', { attempt: 3, outputs }))).toEqual({ ...common, outputs })
  })

  test('succeeds with its output, parsed by the schema, as JSON', async () => {
    const at = new Date(0)
    expect(await performed(() => Promise.resolve({ room: 5, at, more: 'dropped' }))).toEqual({
      success: true,
      output: { room: 5, at: '1970-01-01T00:00:00.000Z', floor: 1 },
    })
  })

  test('is checked by schemas that take their time', async () => {
    const output = booking.steps.reserve.output.refine(
      ({ room }) => Promise.resolve(room < 10),
      'no such room',
    )
    const step = { ...reserve({ do: () => ({ room: 99 }) }), output }
    expect(await perform(claimOf('a'), step, options)).toMatchObject({
      error: { message: 'the output of step reserve does not fit its schema: $: no such room' },
    })
  })

  test('keeps the handler as `this`', async () => {
    const handler = {
      room: 9,
      do(): unknown {
        return { room: this.room }
      },
    }
    expect(await perform(claimOf('a'), reserve(handler), options)).toMatchObject({ output: { room: 9 } })
  })

  test.each([
    [
      'throws',
      () => {
        throw Object.assign(new Error('full'), { code: 'E_FULL', reason: 'No room is left.' })
      },
    ],
    [
      'rejects',
      () => Promise.reject(Object.assign(new Error('full'), { code: 'E_FULL', reason: 'No room is left.' })),
    ],
  ])('fails with what it %s', async (_, body) => {
    expect(await performed(body)).toEqual({
      success: false,
      error: { message: 'full', code: 'E_FULL', reason: 'No room is left.' },
    })
  })

  test('reports the stack only by option', async () => {
    const failing = reserve({ do: () => Promise.reject(new Error('full')) })
    expect(await perform(claimOf('a'), failing, options)).not.toHaveProperty('error.stack')
    const stack = expect.stringContaining('perform.test.ts') as string
    expect(await perform(claimOf('a'), failing, { ...options, recordStack: true })).toMatchObject({
      error: { stack },
    })
  })

  test.each<[string, unknown, RegExp]>([
    [
      'another type',
      { room: '5' },
      /^the output of step reserve does not fit its schema: \$\.room: .*expected number/,
    ],
    ['nothing', undefined, /\$: .*expected object/],
  ])('fails as invalid_output for %s', async (_, output, message) => {
    expect(await performed(() => output)).toEqual({
      success: false,
      error: { code: 'invalid_output', message: expect.stringMatching(message) as string },
    })
  })

  test('fails as invalid_input when the input does not fit, and is not called', async () => {
    const input: Json = { guest: 5, from: 'never' }
    const result = await performed(() => expect.fail('called'), { input })
    expect(result).toMatchObject({ success: false, error: { code: 'invalid_input' } })
    expect(result).toHaveProperty(
      'error.message',
      expect.stringMatching(
        /^the input of workflow booking 2 does not fit its schema: \$\.guest: .*; \$\.from: /,
      ),
    )
  })
})

describe('an output that cannot be stored fails as invalid_output', () => {
  const anything = {
    ...reserve({ do: () => null }),
    output: booking.steps.greet.output.or(booking.input.loose()),
  }

  test.each([
    ['U+0000', { guest: '\0' }, 'U+0000'],
    ['NaN', { guest: 'a', more: Number.NaN }, '$.more is NaN'],
    [
      'too much',
      { guest: 'x'.repeat(workflowLimits.outputBytes) },
      `${workflowLimits.outputBytes} are allowed`,
    ],
  ])('%s', async (_, output, message) => {
    const step = { ...anything, handler: { do: () => ({ from: new Date(0), ...output }) } }
    expect(await perform(claimOf('a'), step, options)).toEqual({
      success: false,
      error: { code: 'invalid_output', message: expect.stringContaining(message) as string },
    })
  })
})

const undo = (undoing: Claim['undoing']): Claim =>
  claimOf('a', { operationType: 'UNDO', attempt: 3, outputs: { first: 1 }, undoing })

describe('UNDO', () => {
  test('is given what DO was given, and its output', async () => {
    expect(await contextFor(undo({ outcome: 'completed', output: { room: 5 } }))).toEqual({
      ...common,
      outputs: { first: 1 },
      outcome: 'completed',
      output: { room: 5 },
    })
  })

  test('is told when the outcome of DO is unknown', async () => {
    const unknown = { ...common, outputs: { first: 1 }, outcome: 'unknown', output: undefined }
    expect(await contextFor(undo({ outcome: 'unknown' }))).toEqual(unknown)
    expect(await contextFor(undo(null))).toEqual(unknown)
  })

  test('succeeds with null, whatever it returns', async () => {
    const step = reserve({ do: () => expect.fail('called'), undo: () => 'anything' })
    expect(await perform(undo({ outcome: 'unknown' }), step, options)).toEqual({
      success: true,
      output: null,
    })
  })

  test('fails with what it throws', async () => {
    const step = reserve({ do: () => null, undo: () => Promise.reject(new Error('gone')) })
    expect(await perform(undo({ outcome: 'unknown' }), step, options)).toEqual({
      success: false,
      error: { message: 'gone' },
    })
  })
})

test('a claim of what the worker does not implement fails, and says so', async () => {
  const noUndo = perform(claimOf('a', { operationType: 'UNDO' }), reserve({ do: () => null }), options)
  for (const result of [await perform(claimOf('a'), undefined, options), await noUndo])
    expect(result).toMatchObject({
      success: false,
      error: {
        code: 'invalid_configuration',
        message: expect.stringContaining('reserve of workflow booking 2') as string,
      },
    })
})

describe('a handler that is told to stop', () => {
  const reason = new TrailError('attempt_aborted', 'its time is over')
  const stopped = (body: (signal: AbortSignal) => unknown, stopping = new AbortController()) => {
    const take = (): unknown => {
      stopping.abort(reason)
      return body(stopping.signal)
    }
    return perform(claimOf('a'), reserve({ do: take }), { ...options, signal: stopping.signal })
  }

  test.each<[string, (signal: AbortSignal) => unknown]>([
    ['with its reason', (signal) => signal.throwIfAborted()],
    ['as fetch does', (signal) => fetch('http://127.0.0.1:9/', { signal })],
    ['as a timer does', (signal) => setTimeout(10_000, undefined, { signal })],
    ['by a name alone', () => Promise.reject(new DOMException('stopped', 'AbortError'))],
  ])('fails as attempt_aborted when it passes that on: %s', async (_, body) => {
    expect(await stopped(body)).toEqual({
      success: false,
      error: { code: 'attempt_aborted', message: 'its time is over' },
    })
  })

  test('fails by its own error when it throws one, and succeeds when it returns', async () => {
    expect(await stopped(() => Promise.reject(new Error('all is taken back')))).toEqual({
      success: false,
      error: { message: 'all is taken back' },
    })
    expect(await stopped(() => ({ room: 1 }))).toMatchObject({ success: true })
  })

  test('is not called when it was told before it began', async () => {
    const stopping = new AbortController()
    stopping.abort(reason)
    expect(await stopped(() => expect.fail('called'), stopping)).toMatchObject({
      error: { code: 'attempt_aborted' },
    })
  })

  test('fails even by what throws when it is read', async () => {
    const hostile = new Proxy(new Error('x'), {
      getPrototypeOf: () => {
        throw new Error('no')
      },
    })
    expect(await stopped(() => Promise.reject(hostile))).toEqual({ success: false, error: { message: 'x' } })
  })

  test('and was not, fails by the error of whatever it stopped itself', async () => {
    const own = (): unknown => Promise.reject(new DOMException('mine', 'AbortError'))
    expect(await performed(own)).toMatchObject({ error: { message: 'mine' } })
  })
})

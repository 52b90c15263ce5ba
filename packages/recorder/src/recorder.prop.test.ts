import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeTimers } from '../test/fake-timers.ts'
import { memorySpool, unavailable } from '../test/memory-spool.ts'
import { scriptedSink, seqsOf, type SinkTurn } from '../test/scripted-sink.ts'
import { createRecorder, type Recorder } from './recorder.ts'

type Action =
  | { readonly kind: 'record'; readonly events: number; readonly isBad: boolean }
  | { readonly kind: 'durably' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'settle'; readonly steps: number }
  | { readonly kind: 'flush'; readonly deadlineMs: number | undefined }

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('record'),
      events: fc.integer({ min: 1, max: 12 }),
      isBad: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant('durably') }),
  fc.record({ kind: fc.constant('invalid') }),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(1, 100, 1000, 40_000) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('settle'), steps: fc.integer({ min: 1, max: 6 }) }) },
  fc.record({ kind: fc.constant('flush'), deadlineMs: fc.constantFrom(undefined, 0, 500) }),
)
const turn: fc.Arbitrary<SinkTurn> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('answer') },
  fc.constantFrom('fail', 'hang', 'commit-and-lose-the-reply', 'answer-nonsense', 'hang-and-commit-later'),
)
const world = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 25 }),
  turns: fc.array(turn, { maxLength: 15 }),
  diskFails: fc.array(fc.boolean(), { maxLength: 10 }),
  hasSpool: fc.boolean(),
  spoolFirst: fc.boolean(),
  queued: fc.boolean(),
  writesInFlight: fc.constantFrom(1, 2, 3),
  queueEvents: fc.constantFrom(5, 1000),
  overflow: fc.constantFrom('block', 'drop-newest', undefined),
  deadlineMs: fc.constantFrom(0, 1000, 100_000),
  scheduler: fc.scheduler(),
})

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function expectIdentity(recorder: Recorder): void {
  const { emitted, written, spooled, dropped, pending } = recorder.counts()
  const lost = Object.values(dropped).reduce((sum, each) => sum + each, 0)
  expect(written + spooled + lost + pending).toBe(emitted)
}

test('whatever the sink and the disk do, every event is accounted for, and none is there twice', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (options) => {
      const { actions, scheduler, hasSpool, diskFails, deadlineMs } = options
      const timers = fakeTimers()
      const disk = [...diskFails]
      const spool = memorySpool(async (operation) => {
        await scheduler.schedule(Promise.resolve(), operation)
        if (operation === 'append' && disk.shift()) throw unavailable()
      })
      const sink = scriptedSink({
        step: () => scheduler.schedule(Promise.resolve(), 'write'),
        isBad: ({ json }) => json.includes('bad one'),
      })
      sink.turns.push(...options.turns)
      const recorder = createRecorder({
        sink,
        spool: hasSpool ? spool : undefined,
        spoolFirst: hasSpool && options.spoolFirst,
        queued: options.queued,
        writesInFlight: options.writesInFlight,
        queueEvents: options.queueEvents,
        overflow: options.overflow,
        batchEvents: 4,
        clock: timers,
        timers,
        random: () => 0.5,
        logger: { warn: () => undefined, error: () => undefined },
      })
      const settle = async (steps: number): Promise<void> => {
        for (let step = 0; step < steps; step++) {
          await turnOfLoop()
          if (scheduler.count() > 0) await scheduler.waitNext(1)
        }
        await turnOfLoop()
      }
      const survived: Promise<unknown>[] = []
      const flushes: Promise<unknown>[] = []
      let emitted = 0
      let durable = 0
      for (const each of actions) {
        if (each.kind === 'record')
          for (let index = 0; index < each.events; index++, emitted++)
            recorder.record({
              eventType: 'OPERATION',
              action: each.isBad && index === 1 ? 'bad one' : 'fine',
            })
        else if (each.kind === 'durably') {
          emitted++
          const fate = recorder.recordDurably({ eventType: 'OPERATION', action: 'durable' })
          survived.push(
            fate.then(
              () => durable++,
              (error: unknown) => expect(error).toMatchObject({ code: 'event_dropped' }),
            ),
          )
        } else if (each.kind === 'invalid') {
          emitted++
          recorder.record({ eventType: 'OPERATION' })
        } else if (each.kind === 'pass') timers.advance(each.ms)
        else if (each.kind === 'settle') await settle(each.steps)
        else {
          const before = emitted
          const { deadlineMs: flushMs } = each
          const checked = recorder.flush({ deadlineMs: flushMs }).then((result) => {
            expect(result.written + result.spooled + result.dropped + result.pending).toBe(before)
            return result
          })
          flushes.push(checked)
        }
        expectIdentity(recorder)
        // Nothing is on the way to the spool, which alone may come on top; those who block are no part of the queue.
        const isBounded = options.overflow !== 'block' && (!hasSpool || each.kind === 'settle')
        if (isBounded && scheduler.count() === 0)
          expect(recorder.counts().pending).toBeLessThanOrEqual(options.queueEvents)
      }
      const closed = new AbortController()
      const closing = recorder.close({ deadlineMs }).finally(() => closed.abort())
      for (let rounds = 0; !closed.signal.aborted && rounds < 5000; rounds++) {
        await settle(1)
        if (scheduler.count() === 0) timers.advance(500)
      }
      const result = await closing
      await Promise.all([...survived, ...flushes])
      const { pending, dropped, written, spooled } = recorder.counts()
      expect(pending).toBe(0)
      expectIdentity(recorder)
      const lost = Object.values(dropped).reduce((sum, each) => sum + each, 0)
      expect(result).toEqual({ written, spooled, dropped: lost, pending: 0 })
      expect(recorder.counts().emitted).toBe(emitted)

      // From outside: the numbers that are neither in the sink, nor in the spool, nor buried, are those dropped.
      await settle(20)
      const outside = new Set([...seqsOf(sink.stored), ...(hasSpool ? seqsOf(spool.unsettled) : [])])
      expect(outside.size).toBeGreaterThanOrEqual(written + spooled - recorder.counts().replayed.buried)
      expect(emitted - outside.size).toBeLessThanOrEqual(lost + recorder.counts().replayed.buried)
      expect(seqsOf(sink.stored).filter((_, index) => sink.stored[index]?.json.includes('bad one'))).toEqual(
        [],
      )
      const durableOutside = [...sink.stored, ...(hasSpool ? spool.unsettled : [])].filter(({ json }) =>
        json.includes('durable'),
      )
      expect(new Set(seqsOf(durableOutside)).size).toBeGreaterThanOrEqual(durable)
      if (hasSpool) expect(spool.isClosed).toBe(true)
      expect(new Set(sink.stored.map(({ id }) => id)).size).toBe(sink.stored.length)
    }),
    { numRuns: 300 },
  )
})

test('a sink that is away for a while has every event in order when it is back', async () => {
  const fails = fc.constantFrom<SinkTurn>('fail', 'hang', 'commit-and-lose-the-reply', 'answer-nonsense')
  const scenario = fc.record({
    bursts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 }),
    turns: fc.array(fc.oneof(fails, fc.constant<SinkTurn>('answer')), { maxLength: 12 }),
    hasSpool: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ bursts, turns, hasSpool }) => {
      const timers = fakeTimers()
      const sink = scriptedSink()
      sink.turns.push(...turns)
      const logger = { warn: () => undefined, error: () => undefined }
      const spool = hasSpool ? memorySpool() : undefined
      const recorder = createRecorder({
        sink,
        spool,
        clock: timers,
        timers,
        writesInFlight: 1,
        batchEvents: 3,
        logger,
      })
      for (const burst of bursts) {
        for (let index = 0; index < burst; index++)
          recorder.record({ eventType: 'OPERATION', action: 'fine' })
        await turnOfLoop()
        timers.advance(100)
        await turnOfLoop()
      }
      for (let round = 0; round < 60; round++) {
        timers.advance(31_000)
        await turnOfLoop()
      }
      await recorder.idle()
      const emitted = bursts.reduce((sum, burst) => sum + burst, 0)
      expect(seqsOf(sink.stored)).toEqual(Array.from({ length: emitted }, (_, index) => index + 1))
      expect(spool?.events ?? 0).toBe(0)
      expect(recorder.counts()).toMatchObject({ emitted, pending: 0 })
    }),
    { numRuns: 300 },
  )
})

import { type AuditEvent, eventColumns, timestampOfUuid, uuidV7 } from '@steptrail/event'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoOf, millisecondsOf } from '../execution/instant.ts'
import type { ExecutionSequence } from './execution-sequence.ts'
import { type Candidate, placeEvents, toleratedSkewMs } from './place-events.ts'

const now = Date.parse('2025-11-04T10:00:00.000Z')
const empty = Object.fromEntries(eventColumns.map(({ key }) => [key, null])) as unknown as AuditEvent

const sequence = (executionId: string, lastEventAt: number | null): ExecutionSequence => ({
  executionId,
  lastEventAt,
  nextSeq: lastEventAt === null ? 1 : 42,
  workflowName: 'tenant-provisioning',
  workflowVersion: '1.0.0',
  correlationId: executionId,
  tenant: 'default',
})

const instants = fc.integer({ min: now - 3000, max: now + 3000 })

const candidates: fc.Arbitrary<Candidate[]> = fc.array(
  fc
    .record({
      instant: instants,
      given: fc.constantFrom('id', 'timestamp', 'nothing'),
      executionId: fc.constantFrom('a', 'b', 'foreign', null),
    })
    .map(({ instant, given, executionId }) => {
      const ms = given === 'nothing' ? now : instant
      return {
        event: { ...empty, id: uuidV7(ms), timestamp: isoOf(ms), executionId },
        hasGivenId: given === 'id',
        hasGivenTimestamp: given !== 'nothing',
      }
    }),
)

const sequences = fc
  .tuple(fc.option(instants), fc.option(instants))
  .map(
    ([a, b]) => new Map([a, b].map((last, index) => ['ab'[index] ?? '', sequence('ab'[index] ?? '', last)])),
  )

const at = (ms: number): Candidate => ({
  event: { ...empty, id: uuidV7(ms), timestamp: isoOf(ms), executionId: 'a' },
  hasGivenId: false,
  hasGivenTimestamp: true,
})

const place = (given: readonly Candidate[], known: ReadonlyMap<string, ExecutionSequence>) =>
  placeEvents(given, known, { now, nextId: uuidV7 })

describe('placeEvents', () => {
  it('numbers the events of each execution without gaps, at strictly increasing times', () => {
    fc.assert(
      fc.property(candidates, sequences, (given, known) => {
        const placed = place(given, known)
        for (const [executionId, before] of known) {
          const events = placed.events.filter(
            (event) => event.executionId === executionId && event.executionSeq !== null,
          )
          expect(events.map((event) => event.executionSeq)).toEqual(
            events.map((_, index) => before.nextSeq + index),
          )
          const times = [before.lastEventAt ?? -1, ...events.map((event) => millisecondsOf(event.timestamp))]
          expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true)
          const after = placed.sequences.find((each) => each.executionId === executionId)
          expect(after).toEqual(
            events.length === 0
              ? undefined
              : { ...before, nextSeq: before.nextSeq + events.length, lastEventAt: times.at(-1) },
          )
        }
      }),
    )
  })

  it('never changes an id or a time that came with one, and makes every other id from its time', () => {
    fc.assert(
      fc.property(candidates, sequences, (given, known) => {
        const { events } = place(given, known)
        const hasGivenId = (_: unknown, index: number): boolean => given[index]?.hasGivenId === true
        expect(events.filter(hasGivenId).map((event) => ({ ...event, executionSeq: null }))).toEqual(
          given.filter((each) => each.hasGivenId).map((each) => each.event),
        )
        for (const event of events) expect(timestampOfUuid(event.id)).toBe(millisecondsOf(event.timestamp))
      }),
    )
  })

  it('numbers every event of ours whose id it makes, never later than now unless the last event was', () => {
    fc.assert(
      fc.property(candidates, sequences, (given, known) => {
        const latest = Math.max(now, ...[...known.values()].map((each) => each.lastEventAt ?? 0))
        const events = place(given, known).events.filter((_, index) => given[index]?.hasGivenId === false)
        const [ours, others] = [true, false].map((isOurs) =>
          events.filter((event) => known.has(event.executionId ?? '') === isOurs),
        )
        expect(others?.map((event) => event.executionSeq)).toEqual(others?.map(() => null))
        expect(ours?.map((event) => event.executionSeq)).not.toContain(null)
        for (const event of ours ?? [])
          expect(millisecondsOf(event.timestamp)).toBeLessThanOrEqual(latest + toleratedSkewMs + given.length)
      }),
    )
  })

  it('keeps a given time wherever the order allows it', () => {
    const placed = place(
      [at(now - 5), at(now - 5), at(now - 1), at(now + 1)],
      new Map([['a', sequence('a', now - 9)]]),
    )
    expect(placed.events.map((event) => millisecondsOf(event.timestamp) - now)).toEqual([-5, -4, -1, 0])
  })
})

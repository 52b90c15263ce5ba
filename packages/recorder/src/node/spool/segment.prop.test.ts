import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutgoingEvent } from '../../outgoing-event.ts'
import { encodeRecords } from './record.ts'
import { type PlacedEvent, readSegment, segmentHeader, segmentHeaderBytes } from './segment.ts'

const anyEvent = fc
  .record({
    id: fc.uuid(),
    json: fc.oneof(fc.json({ stringUnit: 'binary' }), fc.string({ unit: 'binary' })),
  })
  .map(({ id, json }): OutgoingEvent => {
    const timestampMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    // What UTF-8 cannot hold, JSON escapes.
    return { id, timestampMs, json: json.toWellFormed() }
  })

const anyEvents = fc.array(anyEvent, { minLength: 1, maxLength: 12 })

const segmentOf = (events: readonly OutgoingEvent[]): Buffer =>
  Buffer.concat([segmentHeader(), encodeRecords(events)])

const eventsOf = (placed: readonly PlacedEvent[]): readonly OutgoingEvent[] =>
  placed.map(({ event }) => event)

describe('a segment', () => {
  it('gives back any events, in order', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const read = readSegment(segmentOf(events))
        expect(eventsOf(read.events)).toEqual(events)
        expect(read.damages).toEqual([])
      }),
    )
  })

  it('is read on from wherever a record begins', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(), (events, any) => {
        const bytes = segmentOf(events)
        const first = any % events.length
        const from = readSegment(bytes).events[first]?.offset
        expect(eventsOf(readSegment(bytes, from).events)).toEqual(events.slice(first))
      }),
    )
  })

  it('loses to a flipped byte only the record it is in, and tells of it', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(), fc.integer({ min: 1, max: 255 }), (events, any, flip) => {
        const bytes = segmentOf(events)
        const { events: placed } = readSegment(bytes)
        const at = any % bytes.length
        bytes.writeUInt8(bytes.readUInt8(at) ^ flip, at)

        const read = readSegment(bytes)
        const left = placed.filter(({ offset, end }) => at < offset || at >= end)
        expect(read.events).toEqual(left)
        expect(read.damages.length).toBeGreaterThan(0)
        const touched = read.damages.some(({ offset, bytes: size }) => at >= offset && at < offset + size)
        expect(touched).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('loses to a cut what was cut off, and tells of it where a record was cut in two', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(), (events, any) => {
        const bytes = segmentOf(events)
        const { events: placed } = readSegment(bytes)
        const size = any % bytes.length
        const read = readSegment(bytes.subarray(0, size))
        expect(read.events).toEqual(placed.filter(({ end }) => end <= size))
        const isWhole = size === segmentHeaderBytes || placed.some(({ end }) => end === size)
        const start = read.events.at(-1)?.end ?? (size < segmentHeaderBytes ? 0 : segmentHeaderBytes)
        expect(read.damages).toEqual(isWhole ? [] : [{ kind: 'torn', offset: start, bytes: size - start }])
      }),
      { numRuns: 300 },
    )
  })

  it('is read as far as it goes whatever the bytes are', () => {
    fc.assert(
      fc.property(anyEvents, fc.uint8Array({ maxLength: 64 }), fc.nat(), (events, noise, any) => {
        const bytes = segmentOf(events)
        const { events: placed } = readSegment(bytes)
        const at = segmentHeaderBytes + (any % (bytes.length - segmentHeaderBytes))
        bytes.set(noise.subarray(0, bytes.length - at), at)
        const read = readSegment(bytes)
        const untouched = placed.filter(({ offset, end }) => end <= at || offset >= at + noise.length)
        expect(eventsOf(read.events)).toEqual(expect.arrayContaining([...eventsOf(untouched)]))
      }),
    )
  })
})

describe('a segment whose end', () => {
  const events = [
    { id: '0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11', timestampMs: 0x0199f0c45a1e, json: '{"a":1}' },
  ]

  it('is zeros was being written when the machine lost its power', () => {
    const bytes = Buffer.concat([segmentOf(events), Buffer.alloc(100)])
    expect(readSegment(bytes)).toMatchObject({
      events: [{ event: events[0] }],
      damages: [{ kind: 'torn', bytes: 100 }],
    })
  })

  it('is something else is damaged', () => {
    const bytes = Buffer.concat([segmentOf(events), Buffer.from('what is this?')])
    expect(readSegment(bytes).damages).toMatchObject([{ kind: 'damaged', bytes: 13 }])
  })
})

describe('a segment of a later version', () => {
  it('is not read, and said to be one', () => {
    const bytes = Buffer.concat([segmentHeader(2), Buffer.from('who knows')])
    expect(readSegment(bytes)).toEqual({ events: [], damages: [{ kind: 'version', offset: 0, bytes: 25 }] })
  })
})

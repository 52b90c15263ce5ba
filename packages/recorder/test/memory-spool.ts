import { TrailError } from '@steptrail/event'
import type { OutgoingEvent, Spool } from '@steptrail/recorder'

/** A spool whose disk is the test's memory: it can be given to a recorder after the one that filled it. */
export interface MemorySpool extends Spool {
  readonly unsettled: readonly OutgoingEvent[]
  readonly buried: readonly { readonly event: OutgoingEvent; readonly reason: string }[]
  readonly isClosed: boolean
  /** Begins anew with what is not settled, as a later process would. */
  reopen(): void
}

/** `step` is awaited before each operation takes effect; what it throws is the disk's failure. */
export function memorySpool(step: (operation: string) => Promise<void> = async () => undefined): MemorySpool {
  let stored: OutgoingEvent[] = []
  let read = 0
  const buried: { event: OutgoingEvent; reason: string }[] = []
  let isClosed = false
  return {
    get unsettled() {
      return stored
    },
    buried,
    get isClosed() {
      return isClosed
    },
    get bytes() {
      return stored.reduce((bytes, { json }) => bytes + json.length, 0)
    },
    get events() {
      return stored.length
    },
    async append(events) {
      await step('append')
      stored.push(...events.map(({ id, timestampMs, json }) => ({ id, timestampMs, json })))
    },
    async next(maxEvents) {
      await step('next')
      const events = stored.slice(read, read + maxEvents)
      if (events.length === 0) return undefined
      read += events.length
      return {
        events,
        async settle() {
          await step('settle')
          const settled = new Set(events)
          stored = stored.filter((event) => !settled.has(event))
          read -= events.length
        },
      }
    },
    async bury(event, reason) {
      await step('bury')
      buried.push({ event, reason })
    },
    close: async () => {
      isClosed = true
    },
    reopen() {
      read = 0
      isClosed = false
    },
  }
}

/** What a spool says when it takes nothing. */
export const unavailable = (): TrailError =>
  new TrailError('spool_unavailable', 'the disk is full: make room')

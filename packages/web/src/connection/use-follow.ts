import { createClient, type Event, type FollowEventsOptions } from '@steptrail/client'
import { useDocumentVisibility } from '@mantine/hooks'
import { useEffect, useEffectEvent, useState } from 'react'
import { useConnection } from './connection.tsx'

/**
 * How following stands: nothing is followed, the stream is being opened, it is open, it broke and is tried again, or the
 * server refuses it, and it is not.
 */
export type FollowState = 'off' | 'opening' | 'live' | 'interrupted' | 'refused'

/** What is followed. */
export interface FollowOptions {
  readonly filters: Omit<FollowEventsOptions, 'signal' | 'onTrouble'>
  readonly isOn: boolean
  /**
   * Told to read again what is shown: each time that the stream opens, since what is read from then on lacks nothing that
   * is not followed, and when it is refused, of which the reading says why.
   */
  readonly readAgain: () => void
  /** Told of what came, at most ten times a second. */
  readonly onEvents: (events: readonly Event[]) => void
  /** Another value begins anew. */
  readonly restartOn: string
}

const togetherMs = 100

/**
 * Follows events as they are committed for as long as the component is there and its tab is looked at: a browser has six
 * connections to a server for all its tabs. Goes on by itself when the stream breaks, where it was.
 */
export function useFollow({ filters, isOn, readAgain, onEvents, restartOn }: FollowOptions): FollowState {
  const { url, apiKey } = useConnection()
  const isSeen = useDocumentVisibility() === 'visible'
  const [state, setState] = useState<FollowState>('off')
  const deliver = useEffectEvent(onEvents)
  const tellToRead = useEffectEvent(readAgain)
  const filtersNow = useEffectEvent(() => filters)
  useEffect(() => {
    if (!isOn || !isSeen) return setState('off')
    const ending = new AbortController()
    const inbox = createInbox((events) => deliver(events))
    setState('opening')
    const options: FollowEventsOptions = {
      ...filtersNow(),
      signal: ending.signal,
      onTrouble: () => setState('interrupted'),
    }
    const client = createClient({
      url,
      ...(apiKey !== null && { apiKey }),
      fetch: async (address, init) => {
        const response = await fetch(address, init)
        if (!response.ok || ending.signal.aborted) return response
        setState('live')
        tellToRead()
        return response
      },
    })
    const read = async (): Promise<void> => {
      for await (const { event } of client.events.follow(options)) inbox.put(event)
    }
    read().catch(() => {
      if (ending.signal.aborted) return
      setState('refused')
      tellToRead()
    })
    return () => {
      ending.abort()
      inbox.close()
    }
  }, [url, apiKey, isOn, isSeen, restartOn])
  return state
}

/** Hands over what came together, so that a flood of events is not as many drawings. */
function createInbox(deliver: (events: readonly Event[]) => void) {
  let waiting: Event[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    timer = undefined
    deliver(waiting)
    waiting = []
  }
  return {
    put: (event: Event): void => {
      waiting.push(event)
      timer ??= setTimeout(flush, togetherMs)
    },
    close: (): void => clearTimeout(timer),
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import type { Recorder } from '@steptrail/recorder'
import type { Saga } from '@steptrail/saga'
import { order } from './order.ts'

/** Nothing is away for so long. */
const patienceMs = 60_000

/** Some hundred events a second, until it is aborted; how many they were. */
export async function recordUntil(recorder: Recorder, signal: AbortSignal): Promise<number> {
  let emitted = 0
  while (!signal.aborted) {
    for (let each = 0; each < 10; each += 1) {
      recorder.record({ eventType: 'OPERATION', action: `act_${emitted}` })
      emitted += 1
    }
    await wait(25)
  }
  return emitted
}

/** A few executions a second, until it is aborted; the ids of those that began. Each is begun until that is known. */
export async function startUntil(saga: Saga, signal: AbortSignal): Promise<readonly string[]> {
  const started: string[] = []
  for (let number = 0; !signal.aborted; number += 1) {
    started.push(await startOne(saga, number))
    await wait(250)
  }
  return started
}

/** The database may be away for a while; the key has it begun once, however often it is asked for. */
async function startOne(saga: Saga, number: number): Promise<string> {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    try {
      return (await saga.start(order, { number }, { idempotencyKey: `order ${number}` })).executionId
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await wait(100)
    }
  }
}

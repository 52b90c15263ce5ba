import { setTimeout as wait } from 'node:timers/promises'
import { createSaga } from '@steptrail/saga'
import { createNatsRecorder } from '@steptrail/nats'
import { Chance } from '@steptrail/testkit'
import { breakThings } from './acts.ts'
import { type Deeds, faultsOf, readStanding, type Standing, standingOf } from './check.ts'
import { type Fleet, startFleet, stream, urlsOf } from './fleet.ts'
import { recordUntil, startUntil } from './load.ts'

/** How long, and by which chance. */
export interface ChaosOptions {
  readonly forMs: number
  readonly seed: number
  /** Told of each thing that is done. */
  readonly onAct?: ((name: string) => void) | undefined
}

/** What chaos has done to a fleet under load, and what came of it. */
export interface ChaosReport extends Deeds {
  /** How often each thing was done. */
  readonly done: Readonly<Record<string, number>>
  readonly standing: Standing
  readonly expected: Standing
  /** What else is wrong; empty when nothing is. */
  readonly faults: readonly string[]
}

/** All that is under way when chaos ends has come to rest after this. */
const settleMs = 90_000

/**
 * Kills, stops and cuts off any part of a fleet at random, while events are recorded and executions begun; then lets it
 * come to rest, and looks at its trail.
 */
export async function chaos({ forMs, seed, onAct }: ChaosOptions): Promise<ChaosReport> {
  await using fleet = await startFleet()
  const loading = new AbortController()
  const [{ emitted, started }, done] = await bothToTheEnd(
    loadUntil(fleet, loading.signal),
    breakThings(fleet, { chance: new Chance(seed), forMs, onAct }).finally(() => loading.abort()),
  )
  const expected = standingOf({ emitted, started })
  const standing = await settled(fleet, { emitted, started })
  return { emitted, started, done, expected, standing, faults: await faultsOf(fleet) }
}

/** Waits for both even when one fails, which may be why the other does. */
async function bothToTheEnd<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([one, other])
  const reasons = [first, second].flatMap((each) =>
    each.status === 'rejected' ? [each.reason as unknown] : [],
  )
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value]
  throw reasons.length === 1 ? reasons[0] : new AggregateError(reasons, 'chaos failed, and the load with it')
}

/** Records and begins executions until it is aborted, and until each event is acknowledged. */
async function loadUntil(fleet: Fleet, signal: AbortSignal): Promise<Deeds> {
  await using stack = new AsyncDisposableStack()
  const logger = { warn: () => undefined, error: () => undefined }
  const { recorder } = stack.use(
    createNatsRecorder({
      servers: urlsOf(fleet.recorderLinks),
      stream,
      spool: false,
      recorder: { retryMinMs: 20, retryMaxMs: 200, logger },
    }),
  )
  const saga = await createSaga(fleet.database, { holdsClock: false, onTrouble: () => undefined })
  stack.defer(() => saga.close())
  const [emitted, started] = await Promise.all([recordUntil(recorder, signal), startUntil(saga, signal)])
  const { written, dropped, pending } = await recorder.flush({ deadlineMs: settleMs })
  if (written !== emitted)
    throw new Error(
      `${emitted} events were recorded: ${written} written, ${dropped} dropped, ${pending} pending`,
    )
  return { emitted, started }
}

/** How the trail stands when it stands as it has to, or when waiting any longer is of no use. */
async function settled({ database }: Fleet, deeds: Deeds): Promise<Standing> {
  const wanted = JSON.stringify(standingOf(deeds))
  const untilMs = performance.now() + settleMs
  for (;;) {
    const standing = await readStanding(database, deeds)
    if (JSON.stringify(standing) === wanted || performance.now() > untilMs) return standing
    await wait(200)
  }
}

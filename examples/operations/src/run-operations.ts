import type { Trail } from '@steptrail/core'
import type { FlushResult } from '@steptrail/recorder'
import { DataService } from './data-service.ts'
import { startExchange } from './exchange.ts'
import { PriceStore } from './price-store.ts'

/** A row of the view `audit_events`, under its second set of names. */
export interface RecordedOperation {
  readonly source: string
  readonly operator: string | null
  readonly operation_type: string
  readonly result: string
  readonly message: string | null
  readonly extra_info: Readonly<Record<string, unknown>> | null
  readonly duration_ms: number
}

/** What came of a day of the service. */
export interface OperationsReport {
  readonly accounts: FlushResult
  readonly recorded: readonly RecordedOperation[]
}

const anna = { type: 'user', id: 'anna@example.org' } as const

/** A day of the service: what works, what fails, and what is odd. Gives what is on record of it. */
export async function runOperations(trail: Trail, correlationId: string): Promise<OperationsReport> {
  await using exchange = await startExchange()
  const store = new PriceStore(trail.database.query)
  await store.reset()
  const service = new DataService({ trail, store, exchangeUrl: exchange.url, correlationId })

  await service.setThreshold(0.05, anna)
  await service.download('ACME')
  await service.download('GLOBEX')
  await failing(service.download('INITECH'))
  await service.retrieve('ACME', anna)
  await service.scan('scan-2026-03-06')
  await failing(service.setThreshold(5, anna))
  await service.cleanUp('2026-03-04')
  await service.refreshCache(['ACME', 'GLOBEX', 'INITECH'])

  const accounts = await trail.flush()
  return { accounts, recorded: await recordedUnder(trail, correlationId) }
}

/** The caller deals with the failure; that it is on record is not its affair. */
async function failing(work: Promise<unknown>): Promise<void> {
  const outcomes = await Promise.allSettled([work])
  if (outcomes.some(({ status }) => status === 'fulfilled')) throw new Error('it should have failed')
}

async function recordedUnder(trail: Trail, correlationId: string): Promise<readonly RecordedOperation[]> {
  const { rows } = await trail.database.query<RecordedOperation>(
    `select seen.source, seen.operator, seen.operation_type, seen.result, seen.message, seen.extra_info, seen.duration_ms
     from audit_events as seen
     join audit_event as event using (id)
     where event.correlation_id = $1
     order by event.recorder_seq`,
    [correlationId],
  )
  return rows
}

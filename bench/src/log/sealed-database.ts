import { readFile } from 'node:fs/promises'
import type { Database } from '@steptrail/core'
import { memoriesTogether, SigningKey } from '@steptrail/log'

/** Inserts so many events as steps leave them, with details of the usual size. */
export async function insertStepEvents(database: Database, events: number): Promise<void> {
  await database.query(
    `insert into audit_event (
       event_type, entity_type, status, service_name, execution_id, workflow_name, workflow_version, step_name, step_id,
       operation_type, duration_ms, retry_count, correlation_id, actor_type, actor_id, message, details, schema_version
     )
     select 'STEP_SUCCESS', 'STEP', 'SUCCESS', 'identity-service', 'run ' || number / 8, 'tenant-provisioning', '1.0.0',
            'createClient', gen_random_uuid(), 'DO', number % 1000, 0, 'rr-2026-' || number / 8, 'worker',
            gen_random_uuid()::text, 'Step completed successfully',
            jsonb_build_object(
              'worker', 'identity-service', 'durationMs', number % 1000, 'retryCount', 0, 'attempt', 1,
              'message', 'Step completed successfully', 'attemptStartedAt', now(),
              'resultDigest', encode(sha256(number::text::bytea), 'hex')
            ), 1
     from generate_series(1, $1::int) as number`,
    [events],
  )
}

/** A key, and a memory that forgets when the process ends. */
export function sealingForBench() {
  const kept = new Map<string, string>()
  const memory = memoriesTogether(
    [
      {
        read: async (origin) => kept.get(origin) ?? null,
        write: async (origin, checkpoint) => {
          kept.set(origin, checkpoint)
          return checkpoint
        },
      },
    ],
    () => 0,
  )
  return { key: SigningKey.generate().key, memory }
}

/** What some work took. */
export interface Cost<T> {
  readonly result: T
  readonly seconds: number
  /** CPU seconds of this process. */
  readonly ownCpu: number
  /** CPU seconds of the database's sessions; NaN where `/proc` does not tell. */
  readonly databaseCpu: number
}

/** Measures work with one database. */
export async function costOf<T>(database: Database, work: () => Promise<T>): Promise<Cost<T>> {
  const [cpuBefore, sessionsBefore] = [process.cpuUsage(), await sessionSeconds(database)]
  const start = performance.now()
  const result = await work()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const databaseCpu = (await sessionSeconds(database)) - sessionsBefore
  return { result, seconds, ownCpu: (user + system) / 1e6, databaseCpu }
}

const ticksPerSecond = 100

async function sessionSeconds(database: Database): Promise<number> {
  const { rows } = await database.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database()',
  )
  let seconds = 0
  for (const { pid } of rows) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    seconds += (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }
  return seconds
}

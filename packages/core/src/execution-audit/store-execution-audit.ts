import {
  createUuidV7Generator,
  defaultRedaction,
  redact,
  type RedactionPolicy,
  timestampOfUuid,
  TrailError,
} from '@steptrail/event'
import { canonicalJson } from '@steptrail/verify'
import {
  type ExecutionAuditInput,
  executionAuditJson,
  parseExecutionAudit,
  type PostedAudit,
} from '@steptrail/workflow'
import type { Database, Query } from '../database/database.ts'
import { ensurePartitions, partitionsOf } from '../partition/ensure-partitions.ts'
import { auditRow, insertAuditsOf, type StoredExecutionAudit } from './audit-rows.ts'
import { readExecutionAudit } from './read-execution-audit.ts'

/** How audits of other engines are stored. */
export interface StoreAuditOptions {
  /** Whose it is: `default` unless given. */
  readonly tenant?: string | undefined
  /** What is taken out of errors and reasons before they are stored. Default: the built-in list. */
  readonly redaction?: RedactionPolicy | undefined
  /** Milliseconds since 1970, instead of the database's clock. For tests. */
  readonly now?: number | undefined
}

/** What became of an audit that was posted. */
export interface StoredAudit {
  readonly id: string
  /** `duplicate`: it was stored already, and nothing was written. */
  readonly outcome: 'created' | 'duplicate'
}

/**
 * Stores how an execution of another engine went; see `ExecutionAuditInput` for its shape. With an id the call may
 * be repeated, whatever became of the first one. An id that holds a time (UUIDv7, UUIDv8) fixes `created_at`.
 *
 * @throws TrailError `invalid_audit` naming the field; `audit_conflict` for an id that is stored with other content
 */
export async function storeWorkflowExecutionAudit(
  database: Pick<Database, 'transaction'>,
  audit: ExecutionAuditInput,
  options: StoreAuditOptions = {},
): Promise<StoredAudit> {
  const posted = redacted(parseExecutionAudit(audit), options.redaction ?? defaultRedaction)
  return await database.transaction(async (tx) => {
    const now = options.now ?? (await lockId(tx, posted.id))
    const known = posted.id === null ? null : await readExecutionAudit({ query: tx }, posted.id)
    const wanted = placed(posted, now, options.tenant ?? 'default')
    if (known) return requireRepetition(known, wanted)
    await ensurePartitions(tx, partitionsOf('workflow_execution_audit', [wanted.createdAt]))
    await tx(insertAuditsOf('$1'), [JSON.stringify([auditRow(wanted)])])
    return { id: wanted.id, outcome: 'created' }
  })
}

/** Two posts of one id wait for each other. Returns the time, in milliseconds since 1970. */
async function lockId(tx: Query, id: string | null): Promise<number> {
  const { rows } = await tx<{ now: number }>(
    `select case when $1::text is not null then pg_advisory_xact_lock(hashtextextended($1, 0)) end,
            floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
    [id === null ? null : `steptrail execution audit ${id}`],
  )
  return rows[0]?.now ?? Date.now()
}

const nextId = createUuidV7Generator()
const hourMs = 3_600_000

function placed(posted: PostedAudit, now: number, tenant: string): StoredExecutionAudit {
  const id = posted.id ?? nextId(now)
  const createdAt = holdsTime(id) ? timestampOfUuid(id) : now
  if (createdAt > now + hourMs)
    throw invalidId(id, `is of ${new Date(createdAt).toISOString()}, which is more than an hour ahead`)
  if (createdAt < Date.UTC(2000))
    throw invalidId(id, `is of ${new Date(createdAt).toISOString()}, before 2000`)
  return {
    ...posted,
    id,
    remediationId: posted.remediationId ?? id,
    createdAt: new Date(createdAt).toISOString(),
    tenant,
  }
}

const holdsTime = (id: string): boolean => id[14] === '7' || id[14] === '8'

const invalidId = (id: string, problem: string): TrailError =>
  new TrailError('invalid_audit', `id (${JSON.stringify(id)}) ${problem}: nothing was stored`, {
    details: { path: 'id', value: id },
  })

function requireRepetition(known: StoredExecutionAudit, wanted: StoredExecutionAudit): StoredAudit {
  const contentOf = (audit: StoredExecutionAudit): string =>
    canonicalJson({ ...executionAuditJson(audit), tenant: audit.tenant })
  if (contentOf(known) === contentOf(wanted)) return { id: known.id, outcome: 'duplicate' }
  throw new TrailError(
    'audit_conflict',
    `execution audit ${known.id} is stored with other content: repeat an id only with the same audit`,
    { details: { id: known.id } },
  )
}

/** Errors and reasons are texts of people and programs, which may hold what must not be kept. */
function redacted(posted: PostedAudit, policy: RedactionPolicy): PostedAudit {
  const clean = (text: string): string => redact(text, policy) as string
  return {
    ...posted,
    errorMessage: posted.errorMessage === null ? null : clean(posted.errorMessage),
    stepExecutions: posted.stepExecutions.map((step) => ({
      ...step,
      errorMessage: step.errorMessage === null ? null : clean(step.errorMessage),
    })),
    adaptiveAdjustments: posted.adaptiveAdjustments.map((adjustment) => ({
      ...adjustment,
      reason: clean(adjustment.reason),
    })),
  }
}

import { type Database, executionNotFound, type Query } from '@steptrail/core'
import { isUuid } from '@steptrail/event'
import {
  type PackContent,
  type PackedEvent,
  type PackedLog,
  TiledTree,
  tlogProofText,
  writePack,
} from '@steptrail/verify'
import { nodeSha256, nodeTreeHash } from '../key/node-sha256.ts'
import { leafColumns, type StoredRow, storedRecordOf } from '../read/leaf-row.ts'
import { notSealed, type PublishedLog, publishedLog } from '../read/read-log.ts'
import { readRuns } from '../run/read-runs.ts'
import { currentKey } from '../seal/sign.ts'
import { tilesIn } from '../tree/read-tile.ts'

/** An evidence pack, and what it is about. */
export interface EvidencePack {
  readonly executionId: string
  readonly events: number
  /** A zip file, to be kept or handed over as it is. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Whose evidence it is. */
export interface EvidenceOptions {
  /** The one tenant whose records are in it; every tenant's unless given. */
  readonly tenant?: string | undefined
}

/**
 * Everything on record of an execution, with the proofs that it is in the log, as one file that verifies offline with
 * `verifyPack`. All of it is read in one snapshot of the database, so the same state gives the same bytes.
 *
 * @throws TrailError `execution_not_found` when no event of it can be seen; `event_not_sealed` when no checkpoint covers one of
 *   its events yet
 */
export function makeEvidencePack(
  database: Database,
  executionId: string,
  { tenant }: EvidenceOptions = {},
): Promise<EvidencePack> {
  return database.transaction(
    async (tx) => {
      const content = await readContent(tx, executionId.toLowerCase(), tenant ?? null)
      return {
        executionId: content.executionId,
        events: content.events.length,
        bytes: writePack(content, nodeSha256),
      }
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

async function readContent(tx: Query, executionId: string, tenant: string | null): Promise<PackContent> {
  const { rows } = await tx<SealedRow>(selectSealed, [executionId, tenant])
  const [first] = rows
  if (first === undefined) throw executionNotFound(executionId)
  const unsealed = rows.find(({ log_index: index }) => index === null)
  if (unsealed) throw notSealed(unsealed.id)
  const published: PublishedLog[] = []
  for (const origin of new Set(rows.map((row) => row.origin ?? undefined)))
    published.push(await publishedLog(tx, { origin }))
  const [run] = (await isOfTenant(tx, executionId, tenant)) ? await readRuns(tx, [executionId]) : []
  const { events: _events, definition = null, ...others } = run ?? {}
  return {
    executionId,
    run: run ? (others as PackContent['run']) : null,
    definition,
    events: await packedEvents(tx, published, rows),
    logs: await packedLogs(tx, published),
  }
}

async function packedLogs(tx: Query, published: readonly PublishedLog[]): Promise<readonly PackedLog[]> {
  const logs: PackedLog[] = []
  for (const { tree, checkpoint } of published)
    logs.push({ checkpoint, vkey: (await currentKey(tx, tree.logId)) ?? '' })
  return logs
}

/** Whether there is such an execution of ours, and it is the tenant's. */
async function isOfTenant(tx: Query, executionId: string, tenant: string | null): Promise<boolean> {
  if (!isUuid(executionId)) return false
  const { rows } = await tx(
    'select from workflow_executions where execution_id = $1 and ($2::text is null or tenant = $2)',
    [executionId, tenant],
  )
  return rows.length > 0
}

type SealedRow = StoredRow & { readonly log_index: number | null; readonly origin: string | null }

const selectSealed = `
select entry.log_index, tree.origin, erasure.body_hash, event.*
from (
  select ${leafColumns}
  from audit_event
  where execution_id = $1
    and ($2::text is null or tenant = $2)
) as event
left join log_entries as entry on entry.event_id = event.id
left join log_trees as tree on tree.log_id = entry.log_id
left join log_erasures as erasure on erasure.event_id = event.id
order by entry.log_id, entry.log_index`

async function packedEvents(
  tx: Query,
  published: readonly PublishedLog[],
  rows: readonly SealedRow[],
): Promise<readonly PackedEvent[]> {
  const trees = published.map(
    ({ tree }) => new TiledTree(tree.checkpointSize, tilesIn(tx, tree), nodeTreeHash),
  )
  const events: PackedEvent[] = []
  for (const row of rows) {
    const { log_index: index, origin, id } = row
    const log = published.findIndex(({ tree }) => tree.origin === origin)
    const [tiled, checkpoint] = [trees[log], published[log]?.checkpoint]
    if (index === null || !tiled || checkpoint === undefined || index >= tiled.size) throw notSealed(id)
    const hashes = await tiled.proveInclusion(index)
    const proof = tlogProofText({ index, hashes, checkpoint })
    events.push({ log, index, record: storedRecordOf(row), proof })
  }
  return events
}

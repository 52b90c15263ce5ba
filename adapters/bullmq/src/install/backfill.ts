import type { BullmqSchemas } from './place.ts'
import { notedBody } from './tables.ts'

/** What BullMQ still knows of what happened before: each job, and how it ended. Earlier attempts it does not know. */
export const backfill = ({ ours, theirs }: BullmqSchemas): string => `
insert into ${ours}.outbox (queue, job_id, added_at, kind, at, body)
select queue, id, added_at_ms, kind, at, ${notedBody('history')} || '{"isBackfilled": true}'
from (
  select job.*, null::jsonb as body, 0 as part, 'added' as kind, job.added_at_ms as at,
         false as has_failed, false as is_stalled, false as is_deferred, null as old_state,
         sha256(convert_to(job.data::text, 'UTF8')) as content_sha256, null::int as content_bytes
  from ${theirs}.job
  union all
  select job.*, null, 1, 'left', coalesce(job.finished_at_ms, job.added_at_ms),
         job.state = 'failed', false, job.deferred_failure is not null, null,
         sha256(convert_to(job.return_value::text, 'UTF8')), octet_length(job.return_value::text)
  from ${theirs}.job
  where job.state in ('completed', 'failed')
) as history
order by added_at_ms, queue, id, part`

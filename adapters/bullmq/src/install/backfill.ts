import type { BullmqSchemas } from './place.ts'
import { addedBody, leftBody } from './tables.ts'

/** What BullMQ still knows of what happened before: each job, and how it ended. Earlier attempts it does not know. */
export const backfill = ({ ours, theirs }: BullmqSchemas): string => `
insert into ${ours}.outbox (queue, job_id, added_at, kind, at, body)
select queue, id, added_at_ms, kind, at, body || '{"isBackfilled": true}'
from (
  select job.queue, job.id, job.added_at_ms, 0 as part, 'added' as kind, job.added_at_ms as at, ${addedBody('job')} as body
  from ${theirs}.job
  union all
  select job.queue, job.id, job.added_at_ms, 1, 'left', coalesce(job.finished_at_ms, job.added_at_ms),
         ${leftBody('job', 'job')} || jsonb_build_object('hasFailed', job.state = 'failed')
  from ${theirs}.job
  where job.state in ('completed', 'failed')
) as history
order by added_at_ms, queue, id, part`

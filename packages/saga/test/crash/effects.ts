import type { Database, Query } from '@steptrail/core'
import type { DoContext } from '@steptrail/workflow'

/**
 * The outside world of the crash suite: effects by idempotency key, as a service keeps them that does nothing
 * twice and nothing that has been taken back. Beside them every start of a handler, and the rounds to be started.
 */
export async function createWorld(database: Database): Promise<void> {
  await database.query(`
    create table public.effect (
      idempotency_key text primary key, execution_id uuid not null, step text not null, is_undone boolean not null)`)
  await database.query(`
    create table public.handler_start (
      execution_id uuid not null, step text not null, operation text not null, attempt int not null, pid int not null)`)
  await database.query('create table public.disagreement (what text not null)')
  await database.query('create table public.wanted (round int primary key)')
}

/** Says that the execution of a round is to be started, by whoever comes first. */
export async function want(query: Query, round: number): Promise<void> {
  await query('insert into public.wanted values ($1) on conflict do nothing', [round])
}

/** The round that was wanted last; null before the first. */
export async function wanted(query: Query): Promise<number | null> {
  const { rows } = await query<{ round: number | null }>('select max(round) as round from public.wanted')
  return rows[0]?.round ?? null
}

type Work = Pick<DoContext<unknown, unknown>, 'executionId' | 'stepName' | 'idempotencyKey' | 'attempt'>

/** Notes that a handler begins. */
export async function noteStart(query: Query, work: Work, operation: 'DO' | 'UNDO'): Promise<void> {
  await query('insert into public.handler_start values ($1, $2, $3, $4, $5)', [
    work.executionId,
    work.stepName,
    operation,
    work.attempt,
    process.pid,
  ])
}

/** Has the effect once, however often it is called, and never after it was undone. */
export async function effect(query: Query, work: Work): Promise<void> {
  await query('insert into public.effect values ($1, $2, $3, false) on conflict do nothing', [
    work.idempotencyKey,
    work.executionId,
    work.stepName,
  ])
}

/** Takes the effect back, be it there or not: one that comes late does not come to be any more. */
export async function undoEffect(query: Query, work: Work): Promise<void> {
  await query(
    `insert into public.effect values ($1, $2, $3, true)
     on conflict (idempotency_key) do update set is_undone = true`,
    [work.idempotencyKey, work.executionId, work.stepName],
  )
}

/** Notes that a handler was told what cannot be. */
export async function disagree(query: Query, what: string): Promise<void> {
  await query('insert into public.disagreement values ($1)', [what])
}

/** Where the outside world does not agree with what the trail tells, one readable line each. */
export async function worldFaults(database: Database): Promise<readonly string[]> {
  const found: string[] = []
  for (const statement of [
    selectMissing,
    selectLeft,
    selectDoubled,
    'select what from public.disagreement',
  ]) {
    const { rows } = await database.query<{ what: string }>(statement)
    found.push(...rows.map(({ what }) => what))
  }
  return found
}

const selectMissing = `
select 'execution ' || execution.execution_id || ' is completed, but the effect of ' || step.name || ' is '
         || case when effect.is_undone then 'undone' else 'missing' end as what
from workflow_executions as execution
join workflow_steps as step using (execution_id)
left join public.effect on effect.idempotency_key = execution.execution_id || ':' || step.name
where execution.status = 'completed'
  and step.operation_type = 'DO'
  and step.status = 'complete'
  and effect.is_undone is distinct from false`

const selectLeft = `
select 'execution ' || execution.execution_id || ' is ' || execution.status || ', but the effect of ' || effect.step
         || ' is left behind' as what
from workflow_executions as execution
join public.effect on effect.execution_id = execution.execution_id
where execution.status in ('failed', 'cancelled')
  and not effect.is_undone`

/** A handler starts at most once for each claim. */
const selectDoubled = `
with starts as (
  select execution_id, step, operation, attempt, count(*) as times
  from public.handler_start
  group by execution_id, step, operation, attempt
), claims as (
  select step.execution_id, step.name as step, step.operation_type as operation,
         (transition.metadata ->> 'attempt')::int as attempt, count(*) as times
  from workflow_step_transitions as transition
  join workflow_steps as step using (workflow_step_uuid)
  where transition.to_state = 'in_progress'
  group by 1, 2, 3, 4
)
select starts.operation || ' ' || starts.step || ' of execution ' || starts.execution_id || ' started '
         || starts.times || ' times for ' || coalesce(claims.times, 0) || ' claims of attempt ' || starts.attempt as what
from starts
left join claims using (execution_id, step, operation, attempt)
where starts.times > coalesce(claims.times, 0)`

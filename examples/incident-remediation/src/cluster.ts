import type { Database } from '@steptrail/core'

/** What is so of a thing in the cluster. */
export type State = Readonly<Record<string, number | boolean | string>>

/** A thing in the cluster: `deployment/checkout`. */
export type Target = `${'deployment' | 'pod' | 'node'}/${string}`

/** A change of a thing, made under a key, so that the same attempt makes it once. */
export interface Change {
  readonly target: Target
  readonly key: string
  readonly after: (before: State) => State
}

const schema = `
create schema if not exists cluster;
create table if not exists cluster.thing (target text primary key, state jsonb not null);
create table if not exists cluster.change (
  key text primary key, target text not null, before jsonb not null, after jsonb not null, undone boolean not null default false
);`

/** The stand-in: a cluster that is a table, with an overloaded shop, a stuck pod and a full node. */
export async function createCluster({ query }: Database): Promise<void> {
  for (const statement of schema.split(';').filter((text) => text.trim() !== '')) await query(statement)
  const things: Readonly<Record<Target, State>> = {
    'deployment/checkout': {
      replicas: 2,
      load: 500,
      perReplica: 100,
      memoryMib: 256,
      cpuMillis: 250,
      revision: 7,
    },
    'pod/checkout-1': { restarts: 0, phase: 'Running' },
    'node/worker-1': { schedulable: true, pods: 8, diskFreePercent: 4 },
  }
  await query(
    `insert into cluster.thing (target, state)
    select key, value from json_each($1::text::json)
    on conflict (target) do update set state = excluded.state`,
    [JSON.stringify(things)],
  )
}

/** What is so of a thing now. */
export async function stateOf({ query }: Pick<Database, 'query'>, target: Target): Promise<State> {
  const { rows } = await query<{ state: State }>('select state from cluster.thing where target = $1', [
    target,
  ])
  if (rows[0]) return rows[0].state
  throw new Error(`the cluster has no ${target}`)
}

/** Changes a thing, once for each key; gives what is so afterwards. */
export const change = (database: Database, { target, key, after }: Change): Promise<State> =>
  database.transaction(async (tx) => {
    const { rows } = await tx<{ state: State }>(
      'select state from cluster.thing where target = $1 for update',
      [target],
    )
    const before = rows[0]?.state
    if (!before) throw new Error(`the cluster has no ${target}`)
    const done = await tx('select from cluster.change where key = $1', [key])
    if (done.rows.length > 0) return before
    const next = after(before)
    const values = [key, target, JSON.stringify(before), JSON.stringify(next)]
    await tx(
      'insert into cluster.change (key, target, before, after) values ($1, $2, $3::text::jsonb, $4::text::jsonb)',
      values,
    )
    await tx('update cluster.thing set state = $2::text::jsonb where target = $1', [
      target,
      JSON.stringify(next),
    ])
    return next
  })

/** Puts a thing back to what it was before the change of this key. */
export const undo = (database: Database, key: string): Promise<void> =>
  database.transaction(async (tx) => {
    const { rows } = await tx<{ target: string; before: State }>(
      'update cluster.change set undone = true where key = $1 and not undone returning target, before',
      [key],
    )
    const [made] = rows
    if (made)
      await tx('update cluster.thing set state = $2::text::jsonb where target = $1', [
        made.target,
        JSON.stringify(made.before),
      ])
  })

/** What still is wrong with a thing; null when nothing is. */
export function troubleOf(state: State): string | null {
  const { replicas = 1, perReplica = 1, load = 0, diskFreePercent = 100, phase = 'Running' } = state
  if (Number(replicas) * Number(perReplica) < Number(load))
    return `${replicas} replicas do not carry a load of ${load}`
  if (Number(diskFreePercent) < 10) return `${diskFreePercent} % of the disk are free`
  return phase === 'Running' ? null : `it is ${phase}`
}

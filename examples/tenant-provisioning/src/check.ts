import type { Played } from './played.ts'
import type { Registry } from './registry/registry.ts'
import { type TenantTraces, tracesOf } from './registry/traces.ts'

/** Something that was looked up after the executions had ended, and whether it is as it should be. */
export interface Check {
  readonly name: string
  readonly passed: boolean
  /** What was found, in words. */
  readonly found: string
  /** What was counted; null where nothing was. */
  readonly counted: TenantTraces | null
}

/** Looks whether the execution ended as the scenario says, and whether its tenant is there in full, or not at all. */
export async function checksOf(
  registry: Registry,
  { scenario, tenant, execution }: Played,
): Promise<readonly Check[]> {
  const traces = await tracesOf(registry, tenant)
  const ended: Check = {
    name: `the execution of ${tenant} ended as its story says`,
    passed: execution.status === scenario.expects,
    found: execution.status,
    counted: null,
  }
  return [ended, scenario.expects === 'completed' ? isComplete(tenant, traces) : isGone(tenant, traces)]
}

const complete: TenantTraces = {
  schemas: 1,
  realms: 1,
  clients: 1,
  logins: 1,
  settings: 3,
  roles: 3,
  accounts: 1,
}

const kinds = Object.keys(complete) as readonly (keyof TenantTraces)[]

const isComplete = (tenant: string, traces: TenantTraces): Check => ({
  name: `${tenant} is there in full`,
  passed: kinds.every((kind) => traces[kind] === complete[kind]),
  found: inWords(traces),
  counted: traces,
})

const isGone = (tenant: string, traces: TenantTraces): Check => ({
  name: `nothing is left of ${tenant}`,
  passed: kinds.every((kind) => traces[kind] === 0),
  found: inWords(traces),
  counted: traces,
})

function inWords({ schemas, ...rows }: TenantTraces): string {
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  return `${numbered(schemas, 'schema')}, ${numbered(total, 'row')}`
}

const numbered = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

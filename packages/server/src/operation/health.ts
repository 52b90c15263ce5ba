import { healthSchema, limitsSchema, readinessSchema } from '@steptrail/client/messages'
import { checkSchema, pageLimits } from '@steptrail/core'
import { eventLimits, TrailError } from '@steptrail/event'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { problemOf } from '../problem/problem-of.ts'
import type { Services } from '../services.ts'
import { type PartBeside, partsBeside } from './parts-beside.ts'
import { Probe } from './probe.ts'

/** Whether a part of the server can do its work; rejects with the reason when it cannot. */
export type ReadinessCheck = () => Promise<void>

/** `GET /healthz`: the process runs. */
export const healthEndpoint = ({ version }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/healthz',
    tag: 'operation',
    scope: null,
    summary: 'Whether the server runs',
    answer: { schema: healthSchema, description: 'It does.' },
    handle: () => ({ status: 'ok' as const, version }),
  })

interface ComponentState {
  readonly status: 'ok' | 'degraded' | 'failed'
  readonly detail?: string
}

/**
 * `GET /readyz`: everything that requests need is there; 503 when something is not, which it names. It answers within
 * three seconds, also where the database hangs.
 */
export const readinessEndpoint = (services: Services): Endpoint => {
  const probes = probesOf(services)
  return defineEndpoint({
    method: 'get',
    path: '/readyz',
    tag: 'operation',
    scope: null,
    summary: 'Whether the server can do its work',
    answer: {
      schema: readinessSchema,
      description: 'Everything is there.',
      also: { 503: 'A component failed.' },
    },
    handle: async () => {
      const asked = await Promise.all(probes.map(async ([name, ask]) => [name, await ask()] as const))
      const beside = Object.entries(partsBeside(services)).map(
        ([name, part]) => [name, stateBeside(part)] as const,
      )
      const components: Record<string, ComponentState> = Object.fromEntries([...asked, ...beside])
      const isReady = Object.values(components).every(({ status }) => status !== 'failed')
      const status = isReady ? ('ready' as const) : ('not_ready' as const)
      const readiness = { status, roles: [...services.roles], components }
      return isReady ? readiness : Response.json(readiness, { status: 503 })
    },
  })
}

type NamedProbe = readonly [string, () => Promise<ComponentState>]

/** What is asked how it is, each at the same time as the others. */
function probesOf(services: Services): readonly NamedProbe[] {
  const { replica, recorder, rights } = services
  const checks = checksOf(services).map(([name, check]): NamedProbe => {
    const probe = new Probe(`the ${name}`, check)
    return [name, () => stateOf(() => probe.ask())]
  })
  checks.push(['recorder', () => recorderState(recorder)])
  checks.push(['rights', () => stateOfSome(() => rights.check())])
  if (!replica) return checks
  const ofReplica = new Probe('the replica', async () => (await replica.known()).query('select 1'))
  return [...checks, ['replica', () => stateOfSome(() => ofReplica.ask())]]
}

function checksOf({ database, closing }: Services): readonly (readonly [string, ReadinessCheck])[] {
  return [
    ['server', async () => closing.throwIfAborted()],
    ['database', async () => void (await database.query('select 1'))],
    ['migration', () => checkSchema(database)],
  ]
}

/** What waits for its seal, its time, or in a stream, waits as long as that takes and is lost by nobody, so requests go on. */
const stateBeside = ({ trouble }: Pick<PartBeside, 'trouble'>): ComponentState =>
  trouble === null ? { status: 'ok' } : { status: 'degraded', detail: detailOf(trouble) }

/** What it cannot write waits in its spool or in memory, and requests go on. */
async function recorderState({ check, trouble }: Services['recorder']): Promise<ComponentState> {
  const state = await stateOf(check)
  return state.status === 'ok' ? stateBeside({ trouble: trouble() }) : state
}

/** Without it some of the requests fail, or one of the roles does nothing; all else goes on. */
async function stateOfSome(check: () => Promise<unknown>): Promise<ComponentState> {
  const state = await stateOf(check)
  return state.status === 'failed' ? { ...state, status: 'degraded' } : state
}

async function stateOf(check: () => Promise<unknown>): Promise<ComponentState> {
  try {
    await check()
    return { status: 'ok' }
  } catch (error) {
    return { status: 'failed', detail: detailOf(error) }
  }
}

/** What an operator is to do about it, who is told more than a caller. */
function detailOf(error: unknown): string {
  const { code, detail } = problemOf(error, '')
  if (code === 'fault') return `${detail}: its log says more`
  if (code !== 'database_unreachable') return detail
  const advice = error instanceof TrailError ? error.details['advice'] : undefined
  return `the database cannot be reached: ${typeof advice === 'string' ? advice : 'see that it runs, and what its log says'}`
}

/** `GET /api/v1/limits`: what the server takes at most, for clients to keep to. */
export const limitsEndpoint = ({ settings }: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/limits',
    tag: 'operation',
    scope: null,
    summary: 'What the server takes at most',
    answer: { schema: limitsSchema, description: 'In bytes, events, characters and milliseconds.' },
    handle: () => ({
      recording: { events: settings.recordedEvents, bodyBytes: settings.bodyBytes },
      event: eventLimits,
      page: pageLimits,
    }),
  })

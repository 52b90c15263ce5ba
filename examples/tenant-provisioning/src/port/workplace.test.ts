import { once } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { TrailError } from '@steptrail/event'
import { afterEach, describe, expect, it } from 'vitest'
import type { Workplace } from '../workers/worker-of.ts'
import { remoteWorkplace } from './remote-workplace.ts'
import { serveWorkplace } from './serve-workplace.ts'

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

/** A workplace that answers as told, seen from the other end of a port. */
function overPort(methods: {
  readonly dispatch?: Partial<Workplace['dispatch']>
  readonly registry?: Partial<Workplace['registry']>
}): Workplace {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  serveWorkplace(port1, { dispatch: methods.dispatch, registry: methods.registry } as Workplace)
  return remoteWorkplace(port2)
}

describe('a workplace over a port', () => {
  it('gives arguments and results as they are', async () => {
    const { dispatch, registry } = overPort({
      dispatch: {
        heartbeat: async (workerUuid, held) => ({
          lost: held.map((each) => ({ ...each, stepId: `${workerUuid}/${each.stepId}` })),
          held: [],
        }),
      },
      registry: { run: async <Row>() => [{ n: 1 }] as Row[] },
    })
    expect(await dispatch.heartbeat('w', [{ stepId: 's', attemptToken: 't' }])).toEqual({
      lost: [{ stepId: 'w/s', attemptToken: 't' }],
      held: [],
    })
    expect(await registry.run([{ text: 'select 1 as n' }])).toEqual([{ n: 1 }])
  })

  it('keeps answers apart that come in another order than the calls', async () => {
    const first = Promise.withResolvers<void>()
    const { registry } = overPort({
      registry: {
        run: async <Row>([statement]: readonly { readonly text: string }[]) => {
          if (statement?.text === 'slow') await first.promise
          else first.resolve()
          return [statement?.text] as Row[]
        },
      },
    })
    expect(await Promise.all([registry.run([{ text: 'slow' }]), registry.run([{ text: 'fast' }])])).toEqual([
      ['slow'],
      ['fast'],
    ])
  })

  it('throws what is thrown at the other end, with its code', async () => {
    const refused = Object.assign(new Error('duplicate key'), { code: '23505' })
    const conflict = new TrailError('definition_conflict', 'registered with other content')
    const { dispatch, registry } = overPort({
      dispatch: { register: () => Promise.reject(conflict) },
      registry: { run: () => Promise.reject(refused) },
    })
    await expect(registry.run([])).rejects.toMatchObject({ message: 'duplicate key', code: '23505' })
    const thrown = dispatch.register({} as Parameters<typeof dispatch.register>[0])
    await expect(thrown).rejects.toThrow(TrailError)
    await expect(thrown).rejects.toMatchObject({ code: 'definition_conflict' })
  })

  it('stops waiting for work at the other end when the caller does', async () => {
    let waited: AbortSignal | undefined
    const { dispatch } = overPort({
      dispatch: {
        waitForWork: async (_service, _timeoutMs, signal) => {
          waited = signal
          if (!signal.aborted) await once(signal, 'abort')
        },
      },
    })
    const controller = new AbortController()
    const waiting = dispatch.waitForWork('a-service', 60_000, controller.signal)
    controller.abort()
    await waiting
    expect(waited?.aborted).toBe(true)
    await dispatch.waitForWork('a-service', 60_000, AbortSignal.abort())
  })

  it('gives up what a caller waits for that is gone', async () => {
    const given = Promise.withResolvers<AbortSignal>()
    const { dispatch } = overPort({
      dispatch: {
        waitForWork: async (_service, _timeoutMs, signal) => {
          given.resolve(signal)
          await once(signal, 'abort')
        },
      },
    })
    void dispatch.waitForWork('a-service', 60_000, new AbortController().signal)
    const signal = await given.promise
    ports[1]?.close()
    await once(signal, 'abort')
    expect(signal.aborted).toBe(true)
  })

  it('refuses a method that it does not have', async () => {
    const { port1, port2 } = new MessageChannel()
    ports.push(port1, port2)
    serveWorkplace(port1, { dispatch: {}, registry: {} } as Workplace)
    const reply = once(port2, 'message')
    port2.postMessage({ kind: 'call', id: 7, method: 'toString', values: [] })
    expect(await reply).toEqual([
      { kind: 'thrown', id: 7, error: { message: 'there is no method toString', code: null } },
    ])
  })
})

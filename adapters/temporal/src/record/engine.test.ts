import { WorkflowClient } from '@temporalio/client'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { expect, it } from 'vitest'
import { HistoryMaker } from '../../test/history-maker.ts'
import { engineOfClient } from './engine.ts'

const run = { workflowId: 'order-17', runId: '0199f0a5-7c1e-7d53-9f0b-5a4e3c2b1a09' }

/** A client whose server has a history of 604 events, or, without one, says that it has none. */
function clientOf(maker: HistoryMaker | null) {
  const asked: string[] = []
  const events = (maker && historyFromJSON(maker.json()).events) ?? []
  const pageOf = (from: readonly unknown[], { nextPageToken, maximumPageSize }: Asked) => {
    const start = nextPageToken?.[0] ?? 0
    const page = from.slice(start * maximumPageSize, (start + 1) * maximumPageSize)
    const isLast = (start + 1) * maximumPageSize >= from.length
    return { history: { events: page }, nextPageToken: isLast ? null : Uint8Array.of(start + 1) }
  }
  const workflowService = {
    describeWorkflowExecution: () => {
      asked.push('length')
      if (maker === null)
        throw Object.assign(new Error('no'), { code: 5, details: 'no run', metadata: { get: () => [] } })
      const info = {
        execution: run,
        type: { name: 'order' },
        status: 1,
        historyLength: events.at(-1)?.eventId,
      }
      return Promise.resolve({ workflowExecutionInfo: { ...info, startTime: { nanos: 1 } } })
    },
    getWorkflowExecutionHistory: (of: Asked) => {
      asked.push('page')
      return Promise.resolve(pageOf(events, { ...of, maximumPageSize: 256 }))
    },
    getWorkflowExecutionHistoryReverse: (of: Asked) => {
      asked.push('page from the end')
      return Promise.resolve(pageOf(events.toReversed(), of))
    },
  }
  const connection = { workflowService, plugins: [] } as unknown as NonNullable<
    ConstructorParameters<typeof WorkflowClient>[0]
  >['connection']
  const workflow = new WorkflowClient({ connection } as ConstructorParameters<typeof WorkflowClient>[0])
  return { asked, engine: engineOfClient({ workflow }) }
}

interface Asked {
  readonly nextPageToken?: Uint8Array | null
  readonly maximumPageSize: number
}

function longHistory(): HistoryMaker {
  const maker = new HistoryMaker(run.workflowId, run.runId)
  for (let made = 0; made < 100; made += 1) maker.activity('charge')
  return maker
}

const idsIn = (json: unknown) =>
  (json as { readonly events: readonly { readonly eventId: string }[] }).events.map(({ eventId }) =>
    Number(eventId),
  )
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

it('gives a history whole, and what follows an event by the pages that hold it', async () => {
  const { asked, engine } = clientOf(longHistory())
  expect(idsIn(await engine.history(run, 0))).toEqual(numbers(1, 604))
  expect(asked.splice(0)).toEqual(['length', 'page', 'page', 'page'])
  expect(idsIn(await engine.history(run, 600))).toEqual(numbers(601, 604))
  expect(asked.splice(0)).toEqual(['length', 'page from the end'])
  expect(idsIn(await engine.history(run, 450))).toEqual(numbers(451, 604))
  expect(asked.splice(0)).toEqual(['length', 'page from the end', 'page from the end'])
  expect(idsIn(await engine.history(run, 604))).toEqual([])
  expect(asked).toEqual(['length'])
})

it('gives the events that follow as it gives all of them', async () => {
  const { engine } = clientOf(longHistory())
  const all = (await engine.history(run, 0)) as { readonly events: readonly unknown[] }
  expect(await engine.history(run, 590)).toEqual({ events: all.events.slice(590) })
})

it('says of a run that Temporal does not know that it is not known', async () => {
  const { engine } = clientOf(null)
  expect(await engine.history(run, 0)).toBeNull()
  expect(await engine.history(run, 17)).toBeNull()
})

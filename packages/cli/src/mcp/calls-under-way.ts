import type { AgentCatalog } from './agent-catalog.ts'

/** The same catalogue, and how to wait for the calls that it has not answered yet, cancelled ones among them. */
export function callsUnderWay(catalog: AgentCatalog): {
  readonly catalog: AgentCatalog
  /** Resolves when none is left; at the latest after so many milliseconds. */
  readonly ended: (withinMs: number) => Promise<void>
} {
  const open = new Set<Promise<unknown>>()
  const noted = <Call extends Promise<unknown>>(call: Call): Call => {
    open.add(call)
    const forget = (): boolean => open.delete(call)
    call.then(forget, forget)
    return call
  }
  return {
    catalog: {
      listActions: (...asked) => noted(catalog.listActions(...asked)),
      listWorkflows: (...asked) => noted(catalog.listWorkflows(...asked)),
      getWorkflow: (...asked) => noted(catalog.getWorkflow(...asked)),
      validateSelection: (...asked) => noted(catalog.validateSelection(...asked)),
    },
    ended: async (withinMs) => {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), withinMs)
      const tooLate = new Promise<void>((resolve) => {
        late.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      while (open.size > 0 && !late.signal.aborted) await Promise.race([Promise.allSettled(open), tooLate])
      clearTimeout(timer)
    },
  }
}

import { utf8 } from '../bytes/bytes.ts'
import { hexOf } from '../bytes/hex.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { RunDefect } from '../defect.ts'
import type { Sha256 } from '../hash/sha256.ts'
import { conformanceProblem } from './conformance-problem.ts'
import { outcomeProblem } from './outcome-problem.ts'
import type { RunRecord } from './run-record.ts'
import { sequenceProblem } from './sequence-problem.ts'
import { endingsOf } from './step-states.ts'
import { transitionProblem } from './transition-problem.ts'

/** What the record of an execution is worth. */
export type RunVerdict =
  { readonly ok: true; readonly hasEnded: boolean } | { readonly ok: false; readonly defect: RunDefect }

/**
 * Whether the record of an execution is complete and conforms to its definition: events numbered without a gap, from
 * the first to the last; transitions, events and audits of results agree both ways; every step in its order, within
 * its retries, and undone when it had to be. Says the first thing that is not so.
 */
export function checkRun(run: RunRecord, sha256: Sha256): RunVerdict {
  const { execution_id: executionId, engine, status } = run.execution
  const defect = (kind: RunDefect['kind'], problem: string): RunVerdict => ({
    ok: false,
    defect: { kind, executionId, problem },
  })
  const altered = definitionProblem(run, sha256)
  if (altered) return defect('definition_altered', altered)
  const isOurs = engine === 'steptrail'
  const incomplete =
    engineProblem(run) ??
    sequenceProblem(run) ??
    (isOurs ? (transitionProblem(run) ?? outcomeProblem(run, sha256)) : null)
  if (incomplete) return defect('run_incomplete', incomplete)
  const deviation = isOurs ? conformanceProblem(run) : null
  if (deviation) return defect('run_not_conforming', deviation)
  return { ok: true, hasEnded: endingsOf(status) !== undefined }
}

/** Who ran it decides what is compared, so it has to be who its first event says; ours are those that say nothing. */
function engineProblem({ execution, events }: RunRecord): string | null {
  const started = events.find(({ event_type: type }) => type === 'ORCHESTRATION_STARTED')
  if (started === undefined || started.is_erased) return null
  const { engine } = started.details
  const isNamed = typeof engine === 'object' && engine !== null && 'name' in engine
  const named = isNamed ? engine['name'] : 'steptrail'
  return execution.engine === named
    ? null
    : `it is of the engine ${execution.engine}, and ORCHESTRATION_STARTED says ${JSON.stringify(named)}`
}

function definitionProblem({ definition, execution, events }: RunRecord, sha256: Sha256): string | null {
  if (definition === null) return 'its definition is not there'
  const hash = hexOf(sha256(utf8(canonicalJson(definition))))
  if (hash !== execution.definition_hash) return `its definition is not the one that it is pinned to`
  const [started] = events
  const recorded = started?.details['definitionHash']
  return recorded === undefined || started?.is_erased || recorded === hash
    ? null
    : 'its definition is not the one that ORCHESTRATION_STARTED names'
}

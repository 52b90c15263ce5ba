import { gateLabels } from '@steptrail/workflow'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryContext, arbitraryWorkflow, workflowOfContent } from '../../test/arbitrary-catalog.ts'
import { actionTypes } from '../../test/pods.ts'
import { actionTypeSchema } from '../content/content-schema.ts'
import { considered } from '../discovery/candidates.ts'
import { foldedContext, type SignalContext } from '../match/signal-context.ts'
import { builtInWeights } from '../score/weights.ts'
import { type CatalogSnapshot, groupsOf } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { explainNow } from './explain-now.ts'
import type { Reason } from './reason.ts'

const snapshotOf = (workflows: readonly CatalogWorkflow[]): CatalogSnapshot => ({
  revision: 1,
  actionTypes: new Map(actionTypes.map((one) => [one.actionType, actionTypeSchema.parse(one)])),
  workflows,
  groups: groupsOf(workflows),
  byId: new Map(workflows.map((one) => [one.workflowId, one])),
  byActionType: Map.groupBy(workflows, ({ actionType }) => actionType),
  weights: builtInWeights,
})

/** Whether what a reason says is so, by the words of the rules and not by their code. */
function isTrue(reason: Reason, workflow: CatalogWorkflow, context: SignalContext): boolean {
  const same = (a: string, b: string) => a.localeCompare(b, 'en', { sensitivity: 'accent' }) === 0
  switch (reason.kind) {
    case 'not_active':
      return workflow.status === reason.status && workflow.status !== 'active'
    case 'no_context':
      return [context.severity, context.component, context.environment, context.priority].every(
        (one) => one === undefined,
      )
    case 'label': {
      const { wanted, label } = reason
      const has = workflow.labels[label]
      const isMet = has.includes('*') || (wanted !== null && has.some((value) => same(value, wanted)))
      return wanted === (context[label] ?? null) && !isMet
    }
    default:
      return false
  }
}

/** Whether it is offered, by the words of the rules and not by their code. */
const isToBeOffered = (workflow: CatalogWorkflow, context: SignalContext): boolean =>
  workflow.status === 'active' &&
  gateLabels.some((label) => context[label] !== undefined) &&
  gateLabels.every((label) => {
    const wanted = context[label] ?? null
    return !isTrue({ kind: 'label', label, wanted, has: [], message: '' }, workflow, context)
  })

describe('why-not', () => {
  it('gives a workflow that is not on the list of step 2 true reasons, and one that is its rank', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(arbitraryWorkflow, { minLength: 1, maxLength: 8 }),
        arbitraryContext,
        (contents, context) => {
          const workflows = contents.map((content, index) => workflowOfContent(content, index))
          const situation = { said: context, folded: foldedContext(context) }
          const { offered } = considered(workflows, situation, builtInWeights.weights)
          const listed = offered.map(({ workflow }) => workflow.workflowId)
          for (const workflow of workflows) {
            const answer = explainNow(workflow, context, snapshotOf(workflows))
            const rank = listed.indexOf(workflow.workflowId) + 1
            expect(answer.offered).toBe(rank > 0)
            expect(answer.offered).toBe(isToBeOffered(workflow, context))
            expect(answer.rank).toBe(rank || null)
            if (rank === 0) {
              expect(answer.reasons.length).toBeGreaterThan(0)
              for (const reason of answer.reasons)
                expect(isTrue(reason, workflow, context), reason.message).toBe(true)
            }
            const kinds = answer.reasons.map(({ kind }) => kind)
            if (rank > 0) expect(kinds).toEqual(rank > 1 ? ['outscored'] : [])
          }
        },
      ),
    )
  })

  it('says that nothing passes where nothing was said of the situation, though a workflow is for any', () => {
    const any = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
    const workflow = workflowOfContent({ labels: any })
    expect(explainNow(workflow, { customLabels: { team: 'a' } }, snapshotOf([workflow]))).toMatchObject({
      offered: false,
      rank: null,
      reasons: [{ kind: 'no_context' }],
    })
  })

  it('says by how much and because of what a workflow was outscored', () => {
    const wide = { severity: ['*'], component: ['*'], environment: ['a'], priority: ['a'] }
    const exact = { severity: ['a'], component: ['a'], environment: ['a'], priority: ['a'] }
    const [mine, best] = [workflowOfContent({ labels: wide }), workflowOfContent({ labels: exact }, 1)]
    const context = { severity: 'A', component: 'a', environment: 'a', priority: 'a' }
    const answer = explainNow(mine, context, snapshotOf([mine, best]))
    expect(answer.reasons).toEqual([
      {
        kind: 'outscored',
        by: { workflowId: best.workflowId, workflowName: 'workflow-1', version: '1.0.0' },
        difference: 0.24,
        because: [{ part: 'base', label: null, mine: 0.64, theirs: 0.88 }],
        message:
          'Outscored by workflow-1 1.0.0 by 0.24: its labels fit less exactly (base 0.64 against 0.88).',
      },
    ])
  })
})

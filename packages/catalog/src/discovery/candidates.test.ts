import { describe, expect, it } from 'vitest'
import { workflowOfContent } from '../../test/arbitrary-catalog.ts'
import { production } from '../../test/pods.ts'
import { foldedContext } from '../match/signal-context.ts'
import { builtInWeights } from '../score/weights.ts'
import { candidatesJson, considered } from './candidates.ts'

const everywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
const situation = { said: production, folded: foldedContext(production) }
const candidatesOf = (workflows: readonly ReturnType<typeof workflowOfContent>[]) => {
  const { candidates, candidatesOmitted } = candidatesJson(
    considered(workflows, situation, builtInWeights.weights),
  )
  return { candidates: candidates as readonly Record<string, unknown>[], candidatesOmitted }
}

describe('the candidates in an event', () => {
  it('are the best 200 and how many more there were', () => {
    const wide = Array.from({ length: 240 }, (_, index) => workflowOfContent({ labels: everywhere }, index))
    const best = workflowOfContent({}, 300)
    const staging = workflowOfContent({ labels: { ...everywhere, environment: ['staging'] } }, 301)
    const { candidates, candidatesOmitted } = candidatesOf([staging, ...wide, best])
    expect(candidates).toHaveLength(200)
    expect(candidatesOmitted).toBe(42)
    expect(candidates[0]).toMatchObject({ workflowName: 'workflow-300', finalScore: 0.96, leftOut: [] })
  })

  it('have their breakdown, or every reason for which they were left out', () => {
    const labels = { ...everywhere, environment: ['staging'] }
    const { candidates } = candidatesOf([
      workflowOfContent({}, 0),
      workflowOfContent({ labels, status: 'disabled' }, 1),
    ])
    expect(candidates).toMatchObject([
      {
        scoring: {
          confidence: 0.96,
          base_similarity: 0.88,
          label_boost: 0.08,
          label_penalty: 0,
          boost_breakdown: { environment: 0.08 },
          penalty_breakdown: {},
        },
      },
      {
        finalScore: null,
        scoring: null,
        leftOut: [
          { kind: 'not_active', status: 'disabled', disabledReason: 'for a reason' },
          { kind: 'label', label: 'environment', wanted: 'production', has: ['staging'] },
        ],
      },
    ])
  })

  it('leave room for the rest of an event, however many values they have', () => {
    const values = Array.from({ length: 100 }, (_, index) => `${'x'.repeat(240)}${index}`)
    const large = Array.from({ length: 60 }, (_, index) =>
      workflowOfContent({ labels: { ...everywhere, severity: values } }, index),
    )
    const { candidates, candidatesOmitted } = candidatesOf(large)
    expect(Buffer.byteLength(JSON.stringify(candidates))).toBeLessThan(170_000)
    expect(candidates.length).toBeGreaterThan(0)
    expect(candidatesOmitted).toBe(60 - candidates.length)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryContext, arbitraryWorkflow, workflowOfContent } from '../../test/arbitrary-catalog.ts'
import { considered } from '../discovery/candidates.ts'
import { foldedContext } from '../match/signal-context.ts'
import { scoreWorkflow, scoringOf } from './score-workflow.ts'
import { builtInWeights } from './weights.ts'

const { weights } = builtInWeights

describe('the score', () => {
  it('has the values that it is known by', () => {
    const gitops = { 'resource-management': 0.1, environment: 0.08 }
    expect(scoringOf({ base: 0.88, boosts: gitops, penalties: {} })).toEqual({
      confidence: 1,
      base_similarity: 0.88,
      label_boost: 0.18,
      label_penalty: 0,
      boost_breakdown: gitops,
      penalty_breakdown: {},
    })
    expect(scoringOf({ base: 0.88, boosts: {}, penalties: { 'resource-management': 0.1 } })).toMatchObject({
      confidence: 0.78,
      label_penalty: 0.1,
    })
    expect(scoringOf({ base: 0.05, boosts: {}, penalties: { a: 0.1 } }).confidence).toBe(0)
  })

  it('counts what is unknown neither as true nor as false', () => {
    const workflow = workflowOfContent({ detectedLabels: { gitOpsManaged: true } })
    const withDetected = (value: boolean | 'unknown' | null) =>
      scoreWorkflow(workflow, foldedContext({ detectedLabels: { GitOpsManaged: value } }), weights).confidence
    expect(withDetected(true)).toBeGreaterThan(withDetected('unknown'))
    expect(withDetected('unknown')).toBe(withDetected(null))
    expect(withDetected('unknown')).toBeGreaterThan(withDetected(false))
  })

  it('is never lowered by a label that fits, and an exact label beats a wildcard', () => {
    fc.assert(
      fc.property(arbitraryWorkflow, arbitraryContext, fc.nat(), (workflow, context, pick) => {
        const names = ['severity', 'component', 'environment', 'priority'] as const
        const label = names[pick % names.length] ?? 'severity'
        // A `*` that a caller says is a value like any other, and fits by `*` alone.
        const value = (context[label] ?? '*') === '*' ? 'a' : (context[label] ?? 'a')
        const score = (labels: readonly string[]) =>
          scoreWorkflow(
            workflowOfContent({ ...workflow, labels: { ...workflow.labels, [label]: labels } }),
            foldedContext({ ...context, [label]: value }),
            weights,
          )
        const [exact, both, any] = [score([value]), score(['*', value]), score(['*'])]
        expect(both.confidence).toBe(exact.confidence)
        expect(exact.confidence).toBeGreaterThanOrEqual(any.confidence)
        if (exact.confidence < 1) expect(exact.confidence).toBeGreaterThan(any.confidence)
        const folded = (customLabels: Record<string, string>) => foldedContext({ ...context, customLabels })
        const more = workflowOfContent({
          ...workflow,
          customLabels: { ...workflow.customLabels, extra: ['x'] },
        })
        const customLabels = context.customLabels ?? {}
        expect(
          scoreWorkflow(more, folded({ ...customLabels, extra: 'x' }), weights).confidence,
        ).toBeGreaterThanOrEqual(scoreWorkflow(more, folded(customLabels), weights).confidence)
      }),
    )
  })

  it('puts workflows into one order, however they come', () => {
    fc.assert(
      fc.property(fc.array(arbitraryWorkflow, { maxLength: 8 }), arbitraryContext, (contents, context) => {
        const workflows = contents.map((content, index) => workflowOfContent(content, index))
        const situation = { said: context, folded: foldedContext(context) }
        const order = (given: typeof workflows) =>
          considered(given, situation, weights).offered.map(({ workflow }) => workflow.workflowId)
        expect(order(workflows.toReversed())).toEqual(order(workflows))
        expect(new Set(order(workflows)).size).toBe(order(workflows).length)
      }),
    )
  })
})

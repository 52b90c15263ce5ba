import { TrailError } from '@steptrail/event'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from './define.ts'
import { findCycle } from './find-cycle.ts'
import type { AnyWorkflow, StepSpec } from './workflow.ts'

type Order = Readonly<Record<string, readonly string[]>>

const define = (order: Order): AnyWorkflow => {
  const steps = Object.entries(order).map(([name, after]): [string, StepSpec] => [
    name,
    { service: 's', output: z.null(), after },
  ])
  return defineWorkflow({ name: 'w', version: '1', input: z.null(), steps: Object.fromEntries(steps) })
}

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 2, maxLength: 12 })

/** Steps declared in one order, each after some of those that come before it in another. */
const acyclic: fc.Arbitrary<Order> = names.chain((declared) =>
  fc
    .tuple(
      fc.shuffledSubarray(declared, { minLength: declared.length }),
      fc.array(fc.infiniteStream(fc.boolean()), { minLength: declared.length, maxLength: declared.length }),
    )
    .map(([rank, picks]) => {
      const afterOf = (name: string): string[] => {
        const pick = picks[rank.indexOf(name)]
        return rank.slice(0, rank.indexOf(name)).filter(() => pick?.next().value)
      }
      return Object.fromEntries(declared.map((name) => [name, afterOf(name)]))
    }),
)

/** An acyclic order, and a ring of two or more of its steps that is put into it. */
const cyclic: fc.Arbitrary<Order> = acyclic.chain((order) =>
  fc.shuffledSubarray(Object.keys(order), { minLength: 2 }).map((ring) => {
    const next = new Map(ring.map((name, index) => [name, ring[(index + 1) % ring.length] ?? name]))
    const closed = Object.entries(order).map(([name, after]) => {
      const added = next.get(name)
      return [name, added === undefined ? after : [...new Set([...after, added])]]
    })
    return Object.fromEntries(closed) as Order
  }),
)

test('an acyclic workflow is never refused', () => {
  fc.assert(
    fc.property(acyclic, (order) => {
      expect(define(order).definition.steps.map((step) => [step.name, step.after])).toEqual(
        Object.entries(order),
      )
    }),
  )
})

test('a cycle is always refused, and the path that is named is one', () => {
  fc.assert(
    fc.property(cyclic, (order) => {
      expect(() => define(order)).toThrow(TrailError)
      const cycle = findCycle(Object.entries(order).map(([name, after]) => ({ name, after })))
      expect(cycle?.length).toBeGreaterThan(2)
      expect(cycle?.at(0)).toBe(cycle?.at(-1))
      cycle?.slice(1).forEach((before, index) => expect(order[cycle[index] ?? '']).toContain(before))
      expect(() => define(order)).toThrow(cycle?.join(' after '))
    }),
  )
})

test('a chain of the largest size is followed without exhausting the stack', () => {
  const steps = Array.from({ length: 5_000 }, (_, index) => ({
    name: `s${index}`,
    after: [`s${index + 1}`],
  }))
  expect(findCycle(steps)).toBeNull()
  expect(findCycle([...steps, { name: 's5000', after: ['s0'] }])).toHaveLength(5_002)
})

import type { LoadedExecution } from '@steptrail/core'
import type { Json } from '@steptrail/verify'
import { describe, expect, it } from 'vitest'
import { HeldExecutions } from './held-executions.ts'

/** An execution with one step in progress after one with this output. */
const executionOf = (executionId: string, output: Json, status = 'in_progress'): LoadedExecution =>
  ({
    snapshot: {
      executionId,
      input: null,
      steps: [
        { status: 'complete', output },
        { status, output: null },
      ],
    },
  }) as unknown as LoadedExecution

/** Those of so many that are still held. */
const heldOf = (held: HeldExecutions, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index).filter((index) => held.get(`${index}`) !== undefined)

describe('executions that are held', () => {
  it('are 256 at most, those that were touched last', () => {
    const held = new HeldExecutions()
    for (let index = 0; index < 256; index += 1) held.keep(executionOf(`${index}`, null))
    held.keep(executionOf('0', null))
    held.keep(executionOf('256', null))
    expect(heldOf(held, 257)).toEqual(
      Array.from({ length: 257 }, (_, index) => index).filter((index) => index !== 1),
    )
  })

  it.each([
    ['text', 'x'.repeat(1024 * 1024)],
    ['values', { lines: ['x'.repeat(1024 * 1024)] }],
  ])('have 64 MiB at most of %s', (_what, output) => {
    const held = new HeldExecutions()
    for (let index = 0; index < 100; index += 1) held.keep(executionOf(`${index}`, output))
    expect(heldOf(held, 100)).toEqual(Array.from({ length: 63 }, (_, index) => 37 + index))
  })

  it('leave room again when they are forgotten, or nobody works on them any more', () => {
    const held = new HeldExecutions()
    const output = 'x'.repeat(16 * 1024 * 1024)
    for (const id of ['0', '1', '2']) held.keep(executionOf(id, output))
    held.forget(['0', 'unknown'])
    held.keep(executionOf('1', output, 'complete'))
    for (const id of ['3', '4']) held.keep(executionOf(id, output))
    expect(heldOf(held, 5)).toEqual([2, 3, 4])
  })

  it('leave out one that has too much by itself', () => {
    const held = new HeldExecutions()
    held.keep(executionOf('0', 'x'.repeat(64 * 1024 * 1024)))
    held.keep(executionOf('1', null))
    expect(heldOf(held, 2)).toEqual([1])
  })
})

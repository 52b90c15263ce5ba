import { describe, expect, it } from 'vitest'
import { actorProblem, reasonProblem } from './actor-and-reason.ts'
import { actorTypes } from './record.ts'

describe('an actor', () => {
  it('is one of the types, with an id', () => {
    for (const type of actorTypes) expect(actorProblem({ type, id: 'anna' })).toBeNull()
  })

  it.each([
    [undefined, 'the actor type is missing'],
    ['anna', 'the actor type is missing'],
    [{ type: 'robot', id: 'r2' }, 'the actor type is not one of user, service, worker, agent, system'],
    [{ type: 'user' }, 'the actor id is missing'],
    [{ type: 'user', id: 5 }, 'the actor id is not text'],
    [{ type: 'user', id: ' ' }, 'the actor id is empty'],
    [{ type: 'user', id: 'x'.repeat(256) }, 'the actor id is longer than 255 characters'],
  ])('is not %j', (actor, problem) => {
    expect(actorProblem(actor)).toBe(problem)
  })
})

describe('a reason', () => {
  it('is a text that the database can store', () => {
    expect(reasonProblem('ticket 7 🙂')).toBeNull()
  })

  it.each([
    [undefined, 'the reason is missing'],
    [null, 'the reason is missing'],
    [7, 'the reason is not text'],
    [' \n\t', 'the reason is empty'],
    ['x'.repeat(10_001), 'the reason is longer than 10000 characters'],
    ['a\u0000', expect.stringContaining('U+0000')],
    ['\ud800', expect.stringContaining('surrogate')],
  ])('is not %j', (reason, problem) => {
    expect(reasonProblem(reason)).toEqual(problem)
  })
})

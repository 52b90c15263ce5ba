import { openTestDatabase } from '@steptrail/testkit'
import { expect, test } from 'vitest'
import { listExecutions } from './list-executions.ts'

test.each<[string, unknown, string]>([
  ['workflowName', 'a\u0000b', 'holds U+0000 or a lone surrogate, which no event does'],
  ['correlationId', '\ud800', 'holds U+0000 or a lone surrogate, which no event does'],
  ['tenant', '', 'is empty'],
  ['status', 'done', 'is none of pending, running, paused'],
  ['since', 'yesterday', 'is no instant in ISO 8601'],
  ['limit', 0, 'is less than 1'],
  ['state', 'running', 'is not a filter there is'],
])('a filter of executions that cannot be used is refused by name: %s', async (name, value, problem) => {
  const database = await openTestDatabase('postgres')
  const listing = listExecutions(database, { [name]: value })
  await expect(listing).rejects.toMatchObject({
    code: 'invalid_filter',
    message: expect.stringContaining(`the filter ${name} (${JSON.stringify(value)}) ${problem}`) as string,
    details: { filter: name, value },
  })
})

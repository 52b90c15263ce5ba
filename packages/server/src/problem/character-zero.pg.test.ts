import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Asking, asked } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

let server: Server
let ask: Asking
beforeAll(async () => {
  server = await createServer({ trail: createTrail(await openTestDatabase('postgres')) })
  ask = asked(server)
})
afterAll(() => server.close())

it.each([
  ['/api/v1/executions/%00/timeline', 'id', 'invalid_input'],
  ['/api/v1/audit/events?source=a%00b', 'source', 'invalid_filter'],
])('U+0000 in %s is refused by name', async (path, parameter, code) => {
  const { status, body } = await ask.get(path)
  expect({ status, code: body.code, parameter: body.parameter }).toEqual({ status: 400, code, parameter })
})

import { expect, it } from 'vitest'
import { deliveredOf } from './received.ts'

it.each([
  '$JS.ACK.steptrail.ingesters.1.17.4.1764312345678901234.99',
  '$JS.ACK._.acc.steptrail.ingesters.1.17.4.1764312345678901234.99',
  '$JS.ACK.hub.acc.steptrail.ingesters.1.17.4.1764312345678901234.99.r4nd0m',
])('a message is known by its number in the stream and its time, as %s says them', (reply) => {
  expect(deliveredOf({ reply })).toEqual({ sequence: 17, publishedAtMs: 1764312345678 })
})

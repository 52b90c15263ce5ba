import { expect, test } from 'vitest'
import { operation, scene } from '../test/recording.ts'

test('leaves a sink alone as long as it has asked, also where another write fails beside that', async () => {
  const { recorder, sink, timers } = scene({ batchEvents: 1, writesInFlight: 2 })
  sink.turns.push('ask-for-a-minute', 'fail')
  recorder.record(operation())
  recorder.record(operation())
  await recorder.idle()
  timers.advance(59_999)
  await recorder.idle()
  expect(sink.writes).toHaveLength(2)
  timers.advance(1)
  await recorder.idle()
  expect(sink.stored).toHaveLength(2)
})

import { openTestDatabase } from '@steptrail/testkit'
import { defineWorkflow } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createSaga } from './saga.ts'

const nameOf = (index: number): string => `${'s'.repeat(95)}-${String(index).padStart(4, '0')}`
const names = Array.from({ length: 120 }, (_, index) => nameOf(index))
const wide = defineWorkflow({
  name: 'wide',
  version: '1',
  input: z.object({}),
  steps: Object.fromEntries(
    names.map((service, index) => [
      `step${index}`,
      { service, output: z.object({}), after: [], undo: 'none' as const },
    ]),
  ),
})

test('all services are told of their work, however long their names are together', async () => {
  const database = await openTestDatabase('postgres')
  const troubles: string[] = []
  const onTrouble = (message: string): void => void troubles.push(message)
  const [told, teller] = [
    await createSaga(database, { holdsClock: false, onTrouble }),
    await createSaga(database, { holdsClock: false, onTrouble }),
  ]
  onTestFinished(() => told.close())
  const over = new AbortController()
  const waits = names.map((name) => told.dispatch.waitForWork(name, 60_000, over.signal))
  await teller.start(wide, {})
  await teller.close()
  expect(troubles).toEqual([])
  await Promise.all(waits)
})

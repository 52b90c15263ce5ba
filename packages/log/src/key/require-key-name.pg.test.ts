import { openTestDatabase } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { sealing } from '../../test/logs.ts'
import { readTrees } from '../tree/tree-state.ts'
import { Witness } from '../witness/witness.ts'

const unreadable = ['Acme Orders', 'orders+1', 'orders\nof May', 'orders\u001b[31m', '']

it.each(unreadable)('a log is not begun under a name that no note can have: %j', async (origin) => {
  const database = await openTestDatabase('postgres')
  const sealer = sealing({ origin })
  await expect(sealer.seal(database)).rejects.toMatchObject({ code: 'invalid_configuration' })
  expect(await readTrees(database.query)).toEqual([])
})

it.each(unreadable)('nor does a witness have such a name: %j', (name) => {
  const { key } = sealing()
  expect(() => new Witness({ name, key, logs: [], directory: 'nowhere' })).toThrow(/cannot be named/)
})

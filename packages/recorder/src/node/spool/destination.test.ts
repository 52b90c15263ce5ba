import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { drain, fromTo, numbered } from '../../../test/numbered-events.ts'
import { emptyDirectory, listening, opened } from '../../../test/spool-directory.ts'
import { inspectSpool } from './inspect-spool.ts'

/** Leaves events behind, as a process that died does. */
async function left(directory: string, destination: string | undefined, number: number): Promise<void> {
  const spool = await opened({ directory, destination })
  await spool.append([numbered(number)])
  await spool.close()
}

it('adopts what is for its destination, or for nobody knows whom, and tells once of the rest', async () => {
  const directory = await emptyDirectory()
  await left(directory, 'one database', 1)
  await left(directory, 'another database', 2)
  await left(directory, undefined, 3)
  const logger = listening()
  const spool = await opened({ directory, destination: 'one database', logger })
  await spool.adopt()
  expect((await drain(spool)).toSorted()).toEqual([1, 3])
  const message = 'the spool of a process that is gone is left alone: its events are for another destination'
  const told = { destination: 'another database', own: 'one database' }
  expect(logger.told.filter(([text]) => text === message)).toMatchObject([[message, told]])
  await spool.close()

  expect(await inspectSpool({ directory })).toMatchObject([{ events: 1, destination: 'another database' }])
  expect(await drain(await opened({ directory, destination: 'another database' }))).toEqual([2])
})

it('without a destination adopts everything, which keeps the one it had', async () => {
  const directory = await emptyDirectory()
  await left(directory, 'one database', 1)
  const adopter = await opened({ directory })
  await adopter.close()
  expect(await inspectSpool({ directory })).toMatchObject([{ isAdopted: true, destination: 'one database' }])
})

it('leaves nothing behind when all is settled', async () => {
  const directory = await emptyDirectory()
  const spool = await opened({ directory, destination: 'one database' })
  await spool.append(fromTo(1, 3))
  expect(await drain(spool)).toEqual([1, 2, 3])
  await spool.close()
  expect(await readdir(directory)).toEqual([])
})

import { readdir } from 'node:fs/promises'
import { type Program, startProgram } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { drain } from '../../../test/numbered-events.ts'
import { emptyDirectory, opened } from '../../../test/spool-directory.ts'

const program = new URL('../../../test/spool-program.ts', import.meta.url)

interface Adoption {
  readonly found: number
  readonly numbers: readonly number[]
}

async function adoption(adopter: Program): Promise<Adoption> {
  adopter.stdin.write('look\n')
  return JSON.parse(await adopter.line('found')) as Adoption
}

/** Starts a program that appends, kills it while it does, and gives the numbers that it was told are on disk. */
async function killedWriter(directory: string): Promise<readonly number[]> {
  const writer = startProgram(program, { args: [directory, 'append'] })
  await writer.line(/appended [2-9]\d\d/)
  await writer.kill()
  const { stdout } = await writer.ended
  const lasts = [...stdout.matchAll(/^appended (\d+)$/gm)].map(([, last]) => Number(last))
  return lasts.flatMap((last) => Array.from({ length: 10 }, (_, index) => last - 9 + index))
}

it('what a killed process was told is on disk is adopted by exactly one of two that race for it', async () => {
  const directory = await emptyDirectory()
  const adopters = [0, 1].map(() => startProgram(program, { args: [directory, 'adopt'] }))
  await Promise.all(adopters.map((adopter) => adopter.line('ready')))
  const promised = await killedWriter(directory)
  expect(promised.length).toBeGreaterThanOrEqual(200)
  const results = await Promise.all(adopters.map(adoption))
  expect(results.map(({ found }) => found).toSorted()).toEqual([0, 1])
  const numbers = results.flatMap((result) => result.numbers)
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1))
  expect(numbers.length).toBeGreaterThanOrEqual(Math.max(...promised))
})

it('what an adopter has not settled when it is killed, too, goes to the next one', async () => {
  const directory = await emptyDirectory()
  const promised = await killedWriter(directory)
  const holder = startProgram(new URL('../../../test/spool-holder.ts', import.meta.url), {
    args: [directory],
  })
  await holder.line('holds')
  const alive = await opened({ directory })
  expect(alive.events).toBe(0)
  await holder.kill()

  await alive.close()
  const heir = await opened({ directory })
  const numbers = await drain(heir, 1_000)
  expect(numbers[0]).toBe(101)
  expect(numbers.at(-1)).toBeGreaterThanOrEqual(Math.max(...promised))
  await heir.close()
  expect(await readdir(directory)).toEqual([])
})

it('a process that lives finds by itself what another left', async () => {
  const directory = await emptyDirectory()
  const adopted = Promise.withResolvers<void>()
  const logger = {
    // Before that it may say that the last line is torn.
    warn: (message: string) => (message.startsWith('a spool was adopted') ? adopted.resolve() : undefined),
    error: () => adopted.reject(new Error('not adopted')),
  }
  const spool = await opened({ directory, adoptEveryMs: 20, logger })
  const promised = await killedWriter(directory)
  await adopted.promise
  expect((await drain(spool, 1_000)).length).toBeGreaterThanOrEqual(promised.length)
})

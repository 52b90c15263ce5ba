import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { releaseAfterTest, startProgram } from '@steptrail/testkit'
import type { Program } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { acquireEmbeddedLock } from './embedded-lock.ts'

const program = new URL('../../test/lock-program.ts', import.meta.url)

async function dataDirectory(...under: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-lock-'))
  releaseAfterTest(() => rm(root, { recursive: true }))
  const path = join(root, ...under)
  await mkdir(path, { recursive: true })
  return path
}

async function started(): Promise<Program> {
  const process = startProgram(program)
  await process.line('ready')
  return process
}

interface Answer {
  readonly locked: boolean
  readonly code?: string
  readonly message?: string
  readonly details?: { readonly pid: number }
}

async function lock(process: Program, directory: string): Promise<Answer> {
  process.stdin.write(`${directory}\n`)
  return JSON.parse(await process.line('locked')) as Answer
}

describe('the lock of the embedded database', () => {
  it('is refused to a second process, which learns who holds it and what to do', async () => {
    const directory = await dataDirectory()
    const [first, second] = await Promise.all([started(), started()])
    expect(await lock(first, directory)).toEqual({ locked: true })

    const refused = await lock(second, directory)
    expect(refused).toMatchObject({
      locked: false,
      code: 'embedded_database_in_use',
      details: { pid: first.pid, program: `program ${first.pid}`, url: 'http://127.0.0.1:8080' },
    })
    expect(refused.message).toMatch(
      new RegExp(
        `in use by program ${first.pid}, process ${first.pid}, started 20.*Z, serving http://127.*: stop it`,
      ),
    )
  })

  it('answers whoever connects with one line of JSON', async () => {
    const directory = await dataDirectory()
    const held = await acquireEmbeddedLock(directory, { program: 'the test' })
    releaseAfterTest(() => held.release())
    const answer = await text(connect(join(directory, 'lock.sock')))
    expect(answer).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(answer)).toEqual({
      pid: process.pid,
      program: 'the test',
      startedAt: new Date(performance.timeOrigin).toISOString(),
    })
  })

  it('is refused to the process that holds it, and free once released', async () => {
    const directory = await dataDirectory()
    const held = await acquireEmbeddedLock(directory, { program: 'the test' })
    await expect(acquireEmbeddedLock(directory, { program: 'the test' })).rejects.toMatchObject({
      code: 'embedded_database_in_use',
      message: expect.stringContaining(`process ${process.pid} (this one)`) as string,
    })
    await held.release()
    expect(await readdir(directory)).toEqual([])
    const again = await acquireEmbeddedLock(directory, { program: 'the test' })
    await again.release()
  })

  it('is taken over from a process that was killed', async () => {
    const directory = await dataDirectory()
    const [first, second] = await Promise.all([started(), started()])
    await lock(first, directory)
    await first.kill()
    expect(await readdir(directory)).toEqual(['lock.sock'])
    expect(await lock(second, directory)).toEqual({ locked: true })
    expect(await readdir(directory)).toEqual(['lock.sock'])
  })

  it('is taken over when the one who took it over was killed, too, and again', async () => {
    const directory = await dataDirectory()
    for (let round = 0; round < 3; round++) {
      const process = await started()
      expect(await lock(process, directory)).toEqual({ locked: true })
      await process.kill()
    }
  })

  it('goes to one of ten processes that find it dead at once, and the others name that one', async () => {
    const directory = await dataDirectory()
    const places = Array.from({ length: 50 }, (_, round) => join(directory, String(round)))
    const [dead, ...processes] = await Promise.all(Array.from({ length: 11 }, started))
    for (const place of places) {
      await mkdir(place)
      await lock(dead as Program, place)
    }
    await dead?.kill()

    for (const place of places) {
      const answers = await Promise.all(processes.map((each) => lock(each, place)))
      const winner = processes[answers.findIndex(({ locked }) => locked)]
      expect(answers.filter(({ locked }) => locked)).toHaveLength(1)
      for (const answer of answers.filter(({ locked }) => !locked))
        expect(answer).toMatchObject({ code: 'embedded_database_in_use', details: { pid: winner?.pid } })
      expect(await readdir(place)).toEqual(['lock.sock'])
    }
  })

  it('works where the path is longer than a socket’s may be', async () => {
    const directory = await dataDirectory('x'.repeat(100), 'y'.repeat(100))
    const [first, second, third] = await Promise.all([started(), started(), started()])
    expect(await lock(first, directory)).toEqual({ locked: true })
    expect(await lock(second, directory)).toMatchObject({ details: { pid: first.pid } })
    await first.kill()
    expect(await lock(third, directory)).toEqual({ locked: true })
  })

  it('is not hindered by a file of its name that is no socket', async () => {
    const directory = await dataDirectory()
    await writeFile(join(directory, 'lock.sock'), 'left here by a copy')
    const held = await acquireEmbeddedLock(directory, { program: 'the test' })
    await held.release()
  })

  it('cannot be had where there is no directory', async () => {
    const directory = await dataDirectory()
    await expect(
      acquireEmbeddedLock(join(directory, 'missing'), { program: 'the test' }),
    ).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('cannot lock') as string,
    })
  })
})

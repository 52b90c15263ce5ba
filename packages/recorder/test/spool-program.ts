import { openSpool } from '../src/node/spool/open-spool.ts'
import { drain, fromTo } from './numbered-events.ts'

/**
 * A program for tests of the spool. `append`: appends without end, ten at a time and several appends at once, and says
 * `appended N` for each number as it resolves. `adopt`: on each line of its stdin looks for directories of dead
 * processes, and says as JSON which events it found.
 */
const [directory = '', role = ''] = process.argv.slice(2)

async function append(): Promise<never> {
  const spool = await openSpool({ directory, segmentBytes: 20_000, adoptEveryMs: 0 })
  for (let next = 1; ; next += 40) {
    const appends = [0, 10, 20, 30].map(async (offset) => {
      await spool.append(fromTo(next + offset, next + offset + 9))
      process.stdout.write(`appended ${next + offset + 9}\n`)
    })
    await Promise.all(appends)
  }
}

async function adopt(): Promise<void> {
  const spool = await openSpool({ directory, adoptEveryMs: 0 })
  process.stdout.write('ready\n')
  for await (const _line of process.stdin) {
    const adopted = await spool.adopt()
    process.stdout.write(`${JSON.stringify({ found: adopted, numbers: await drain(spool, 1_000) })}\n`)
  }
  await spool.close()
}

await (role === 'append' ? append() : adopt())

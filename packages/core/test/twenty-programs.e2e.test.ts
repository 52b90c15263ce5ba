import { openDatabase } from '@steptrail/core'
import { createEmptyDatabase, startProgram } from '@steptrail/testkit'
import { expect, onTestFinished, test } from 'vitest'

const program = new URL('./migrate-program.ts', import.meta.url)

test(
  'of twenty programs that migrate at once, one does it and all find it done',
  { timeout: 120_000 },
  async () => {
    const url = await createEmptyDatabase()
    const programs = Array.from({ length: 20 }, () => startProgram(program, { args: [url] }))
    await Promise.all(programs.map((started) => started.line('ready')))
    for (const started of programs) started.stdin.write('go\n')
    const ended = await Promise.all(programs.map((started) => started.ended))
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0))

    const database = await openDatabase({ url })
    onTestFinished(() => database.close())
    const { rows } = await database.query<{ count: number }>('select count(*) from schema_migrations')
    const count = rows[0]?.count ?? 0
    const said = ended.map(({ stdout }) => /applied .*$/m.exec(stdout)?.[0]).toSorted()
    expect(count).toBeGreaterThan(3)
    expect(said).toEqual([
      ...Array.from({ length: 19 }, () => `applied 0, at version ${count}`),
      `applied ${count}, at version ${count}`,
    ])
  },
)

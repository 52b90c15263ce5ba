import { open, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createClient } from '@steptrail/client'
import type { Database } from '@steptrail/core'
import { openDatabase } from '@steptrail/core'
import { createMigratedDatabase, type Program, startProgram } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const rows = Number(process.env['STEPTRAIL_EXPORT_ROWS'] ?? 30_000)
/** In all. From source its program takes 140 by itself. */
const mostMegabytes = 250
/** With which the command line starts a server. */
const nodeFlags = ['--max-semi-space-size=8', '--heap-growing-percent=15']
const nasty = [
  'a,b',
  'say "hi"',
  'two\nlines',
  'two\r\nlines',
  "=cmd|' /C calc'!A0",
  '+1',
  '-1',
  '@x',
  '🙂ä',
] as const

let database: Database
let program: Program
let url = ''
let directory = ''

beforeAll(async () => {
  const place = await createMigratedDatabase()
  database = await openDatabase({ url: place })
  await database.query(fill, [nasty, rows])
  directory = await mkdtemp(join(tmpdir(), 'steptrail-export-'))
  program = startProgram(new URL('../../test/export-server.ts', import.meta.url), {
    args: [place],
    nodeFlags,
  })
  url = (await program.line(/^listening /)).replace('listening ', '')
}, 600_000)
afterAll(async () => {
  await program.kill()
  await database.close()
  await rm(directory, { recursive: true })
})

const fill = `
insert into audit_event (event_type, entity_type, action, service_name, message, details)
select 'OPERATION', 'OPERATION', 'scan_process', 'scanner', ($1::text[])[1 + number % cardinality($1::text[])],
       jsonb_build_object('number', number, 'filling', repeat('x', 500))
from generate_series(0, $2::int - 1) as number`

const megabytes = async (): Promise<number> => {
  program.stdin.write('\n')
  return Number((await program.line(/^kilobytes /)).replace('kilobytes ', '')) / 1024
}

/** Downloads an export into a file, and gives its path. */
async function download(format: 'csv' | 'ndjson'): Promise<string> {
  const path = join(directory, `events.${format}`)
  await using file = await open(path, 'w')
  const body = await createClient({ url, timeoutMs: 600_000 }).events.export({ format, source: 'scanner' })
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) await file.write(chunk)
  return path
}

describe('an export of many events', { timeout: 600_000 }, () => {
  let path = ''

  it('takes little memory, while events come in and a month is made for some of them', async () => {
    const exporting = new AbortController()
    const ingest = (async (): Promise<number> => {
      let recorded = 0
      for (let month = 1; !exporting.signal.aborted; month = (month % 9) + 1) {
        const timestamp = new Date(Date.UTC(2026, month, 1)).toISOString()
        const events = Array.from({ length: 100 }, () => ({
          eventType: 'OPERATION',
          action: 'late',
          timestamp,
        }))
        const answer = await fetch(`${url}/api/v1/audit/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(events.map((event) => ({ ...event, serviceName: 'scanner' }))),
        })
        recorded += ((await answer.json()) as { created: number }).created
      }
      return recorded
    })()
    path = await download('csv')
    exporting.abort()
    expect(await ingest).toBeGreaterThanOrEqual(200)
    const { rows: made } = await database.query(`select to_regclass('audit_event_2026_02') as month`)
    expect(made).toEqual([{ month: 'audit_event_2026_02' }])
    expect(await megabytes()).toBeLessThan(mostMegabytes)
  })

  it('opens in another program as what was recorded: commas, quotes, newlines, formulas, emoji', async () => {
    const duck = await (await DuckDBInstance.create()).connect()
    const read = `read_csv('${path}', header = true, all_varchar = true, strict_mode = true, quote = '"', escape = '"')`
    const texts = await duck.runAndReadAll(
      `select message, count(*)::int as count from ${read} where id not like '#%' group by message`,
    )
    const counts = new Map(
      texts.getRowObjects().map(({ message, count }) => [String(message), Number(count)]),
    )
    const shown = nasty.map((text) => (/^[=+\-@]/.test(text) ? `'${text}` : text))
    expect([...counts.keys()].toSorted()).toEqual(shown.toSorted())
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(rows)
    const numbers = await duck.runAndReadAll(
      `select count(distinct json_extract(details, '$.number'))::int as count from ${read} where id not like '#%'`,
    )
    expect(numbers.getRowObjects()).toEqual([{ count: rows }])
    duck.closeSync()
  })
})

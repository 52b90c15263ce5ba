import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { type AuditEvent, eventColumns } from '@steptrail/event'
import { openTestDatabase, simulateHistory, writeHistory } from '@steptrail/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { exportEvents } from './export-events.ts'
import { ParquetEvents } from './parquet-events.ts'

it('events as Parquet read back in DuckDB, every column of every event, over several groups of rows', async () => {
  const database = await openTestDatabase('postgres')
  const [fromMs, untilMs] = [Date.UTC(2026, 8, 1), Date.UTC(2026, 8, 20)]
  await writeHistory(database, simulateHistory({ seed: 3, executions: 40, fromMs, untilMs }))
  const file = new ParquetEvents()
  const pieces: Uint8Array[] = []
  const events: AuditEvent[] = []
  for (let round = 0; round < 16; round += 1) {
    const { pages } = await exportEvents(database, {})
    for await (const page of pages) {
      events.push(...page)
      pieces.push(file.add(page))
    }
  }
  expect(events.length).toBeGreaterThan(5_000)
  expect(pieces.filter(({ length }) => length > 0)).toHaveLength(2)
  pieces.push(file.flush(), file.finish({ 'steptrail.events': String(events.length) }))
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-parquet-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'events.parquet')
  await writeFile(path, Buffer.concat(pieces))

  const duck = await (await DuckDBInstance.create(':memory:')).connect()
  const ask = async (statement: string) => (await duck.runAndReadAll(statement)).getRowObjectsJS()
  const [facts] = await ask(`select decode(value) as events from parquet_kv_metadata('${path}')`)
  expect(facts).toEqual({ events: String(events.length) })
  const instants = ['timestamp', 'recorded_at']
  const selected = eventColumns.map(({ column }) =>
    instants.includes(column)
      ? `strftime("${column}", '%Y-%m-%dT%H:%M:%S.%f') as "${column}"`
      : `"${column}"`,
  )
  const rows = await ask(`select ${selected.join(', ')} from '${path}'`)
  const read = rows.map((row) => eventColumns.map(({ column }) => comparable(row[column])))
  const exported = events.map((event) => eventColumns.map(({ key }) => inFile(event, key)))
  const other = read.findIndex((row, index) => JSON.stringify(row) !== JSON.stringify(exported[index]))
  expect(read[other]).toEqual(exported[other])
  expect(read).toHaveLength(events.length)
})

const comparable = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)

function inFile(event: AuditEvent, key: keyof AuditEvent): unknown {
  const value = event[key]
  if (value === null) return null
  if (key === 'details') return JSON.stringify(value)
  if ((key !== 'timestamp' && key !== 'recordedAt') || typeof value !== 'string') return value
  const [whole = '', fraction = ''] = value.replace('Z', '').split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}

import { fileURLToPath } from 'node:url'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { migrate, openDatabase, openDoor } from '@steptrail/core'
import { runRemediation } from './run-remediation.ts'

/** Where it happens: DATABASE_URL, or the embedded database in STEPTRAIL_DATA_DIR, by default ./.steptrail. */
const { DATABASE_URL: url, STEPTRAIL_DATA_DIR: dataDir, STEPTRAIL_SCHEMA: schema } = process.env
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const program = fileURLToPath(import.meta.resolve('steptrail/package.json')).replace(
  'package.json',
  'bin/steptrail.js',
)

/** The MCP server as a process of its own, which an agent's host starts. */
const connect = () =>
  Promise.resolve(
    new StdioClientTransport({
      command: process.execPath,
      args: [...process.execArgv, program, 'mcp'],
      env: Object.fromEntries(
        Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    }),
  )

async function run(): Promise<void> {
  await using database = await openDatabase({ url, dataDir, schema, program: 'incident-remediation' })
  await migrate(database)
  // By it the MCP server reaches the embedded database, which this process holds.
  await using _door = database.dataDir === null ? null : await openDoor(database, database.dataDir)
  const remediationId = `rr-${new Date().toISOString()}`
  const { status, checkout, replay } = await runRemediation({ database, connect, remediationId, say })
  say('')
  for (const { at, sentence } of replay.passages) say(`${at.slice(11, 23)}  ${sentence}`)
  say(`checkout has ${checkout['replicas']} replicas`)
  if (status !== 'completed') process.exitCode = 1
}

await run()

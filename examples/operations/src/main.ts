import { randomUUID } from 'node:crypto'
import { closeOnSignals, createTrail, migrate, openDatabase, recorderOptionsFromEnv } from '@steptrail/core'
import { drawOperations } from './draw-operations.ts'
import { runOperations } from './run-operations.ts'

/** The trail is in DATABASE_URL, or in the embedded database in STEPTRAIL_DATA_DIR, by default ./.steptrail. */
const { DATABASE_URL: url, STEPTRAIL_DATA_DIR: dataDir, STEPTRAIL_SCHEMA: schema } = process.env
await using database = await openDatabase({ url, dataDir, schema, program: 'operations' })
await migrate(database)

/** What a service does that records: settings from the environment, and an orderly end. */
await using trail = createTrail(database, { recorder: recorderOptionsFromEnv() })
closeOnSignals(trail)

const { accounts, recorded } = await runOperations(trail, randomUUID())
for (const line of drawOperations(recorded)) process.stdout.write(`${line}\n`)
const { written, spooled, dropped } = accounts
process.stdout.write(`${written} written, ${spooled} spooled, ${dropped} dropped\n`)

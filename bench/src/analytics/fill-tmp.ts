import pg from 'pg'
import { migrate, openDatabase } from '@steptrail/core'
import { fillHistory } from './fill-history.ts'
const base = 'postgres://steptrail:bench@127.0.0.1:5499/'
const client = new pg.Client({ connectionString: base + 'postgres' })
await client.connect(); await client.query('create database analytics'); await client.end()
await using database = await openDatabase({ url: base + 'analytics' })
await migrate(database)
await fillHistory(database, { executions: 500000, events: 5000000 })
console.log('filled')

import { openDatabase } from '../src/database/open-database.ts'

/** A program for tests: opens the embedded database in the directory given, writes a row, says so, and stays. */
const [dataDir] = process.argv.slice(2)
const database = await openDatabase({ dataDir, program: 'the first program' })
await database.query('create schema steptrail')
await database.query(`create table note as select 'kept' as text`)
process.stdout.write('written\n')
process.stdin.resume()

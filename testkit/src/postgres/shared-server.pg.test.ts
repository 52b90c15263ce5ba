import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { releaseAfterTest } from '../release.ts'
import { createEmptyDatabase } from '../test-database.ts'
import { askAtDoor } from './ask-at-door.ts'
import { SharedServer } from './shared-server.ts'

const unique = randomBytes(4).toString('hex')
const ours = `test_ours_${unique}_`
const theirs = `test_theirs_${unique}`
const names = [`${ours}1`, `${ours}2`, theirs]

describe('the shared server', () => {
  it('starts once, when it is asked for, and ends with the run', async () => {
    const shared = await SharedServer.open('steptrail_test_')
    const urls = await Promise.all([askAtDoor(shared.door), askAtDoor(shared.door)])
    expect(urls[0]).toBe(urls[1])
    const client = new pg.Client({ connectionString: urls[0] })
    await client.connect()
    await client.end()

    await shared.close()
    await expect(new pg.Client({ connectionString: urls[0] }).connect()).rejects.toThrow('ECONNREFUSED')
    await expect(askAtDoor(shared.door)).rejects.toThrow('ENOENT')
  })

  it('opens its door only to the user who runs the tests', async () => {
    const shared = await SharedServer.open('steptrail_test_')
    releaseAfterTest(async () => shared.close())
    expect((await stat(dirname(shared.door))).mode & 0o777).toBe(0o700)
  })

  it('may be one that is given, and is left without the databases of the run', async () => {
    const url = await createEmptyDatabase()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    releaseAfterTest(async () => client.end())
    releaseAfterTest(async () => void (await client.query(`drop database if exists ${theirs}`)))

    const shared = await SharedServer.open(ours, url)
    expect(await askAtDoor(shared.door)).toBe(url)
    for (const name of names) await client.query(`create database ${name}`)
    await shared.close()

    const left = await client.query('select datname from pg_database where datname = any ($1)', [names])
    expect(left.rows).toEqual([{ datname: theirs }])
  })
})

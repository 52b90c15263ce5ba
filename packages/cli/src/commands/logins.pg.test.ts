import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate, openDatabase } from '@steptrail/core'
import { createDatabaseWithLogins, type DatabaseWithLogins, releaseAfterTest } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../test/run.ts'

let place: DatabaseWithLogins
beforeAll(async () => {
  place = await createDatabaseWithLogins()
  await using database = await openDatabase({ url: place.url })
  await migrate(database, { roles: true })
})

const loginOf = (role: string): Promise<string> => place.createLogin(`in role ${role}`)

/** Serves with these roles until it listens, and gives what it said on standard error. */
async function saidBy(url: string, roles: string, ...flags: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-logins-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  const interrupting = new AbortController()
  const { code, stderr } = await run(
    ['serve', '--json', '--port', '0', '--roles', roles, '--log-dir', directory, '--database', url, ...flags],
    { signal: interrupting.signal, onOutput: () => interrupting.abort() },
  )
  expect(code).toBe(0)
  return stderr
}

describe('a login of one role', () => {
  it.each([
    ['steptrail_writer', 'may record and run workflows (steptrail_writer). It may not: seal'],
    ['steptrail_sealer', 'may seal (steptrail_sealer). It may not: record'],
    ['steptrail_reader', 'may read for one tenant (steptrail_reader). It may not: record'],
    ['steptrail_admin', 'run retention, erase and make keys (steptrail_admin). It may not: record'],
  ])('of %s is told by doctor what it may do', async (role, says) => {
    const { code, stdout, stderr } = await run(['doctor', '--database', await loginOf(role)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(says)
  })

  it.each([
    ['steptrail_writer', 'api,clock'],
    ['steptrail_sealer', 'seal'],
    ['steptrail_admin', 'retain'],
    ['steptrail_admin', 'seal'],
  ])('of %s serves with the roles %s, and needs no other', async (role, roles) => {
    expect(await saidBy(await loginOf(role), roles)).not.toContain('has no rights')
  })

  it.each([
    ['steptrail_writer', 'api'],
    ['steptrail_sealer', 'seal'],
    ['steptrail_admin', 'retain'],
  ])('of %s serves beyond its machine with the role %s once there are keys', async (role, roles) => {
    const create = ['keys', 'create', `for ${role}`, '--scopes', 'read', '--database', place.url]
    expect(await run(create)).toMatchObject({ code: 0 })
    expect(await saidBy(await loginOf(role), roles, '--host', '0.0.0.0')).not.toContain('has no rights')
  })

  it('that serves with roles beyond its rights says so when it starts', async () => {
    const said = await saidBy(await loginOf('steptrail_writer'), 'api,seal,retain')
    expect(said).toMatch(/has no rights for the role seal, .* a member of steptrail_sealer/)
    expect(said).toMatch(/has no rights for the role retain, .* a member of steptrail_admin/)
    expect(said).not.toContain('for the role api')
  })

  it('that has a time limit is told by doctor', async () => {
    const url = await loginOf('steptrail_sealer')
    await using superuser = await openDatabase({ url: place.url })
    await superuser.query(`alter role ${new URL(url).username} set statement_timeout = '20s'`)
    const { stdout } = await run(['doctor', '--database', url])
    expect(stdout).toContain('note  limits: this login has a statement_timeout of 20000 ms')
  })

  it('that is refused is told where to look', async () => {
    const { code, stderr } = await run(['retention', 'plan', '--database', await loginOf('steptrail_writer')])
    expect(code).toBe(3)
    expect(stderr).toContain('`steptrail doctor` tells')
  })
})

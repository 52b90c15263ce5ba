import { createDatabaseWithLogins } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { applyGrants } from './apply-grants.ts'
import { grantStatements } from './grant-statements.ts'

describe('the grants', () => {
  it('may be applied again, and take back what was given besides', async () => {
    const { url } = await createDatabaseWithLogins()
    await using database = await openDatabase({ url, schema: `odd "name"; it's` })
    await migrate(database, { roles: true })
    await database.query('grant delete on workflow_steps to steptrail_writer')
    await database.query('grant select on audit_event to public')
    await database.query(`grant usage on schema "odd ""name""; it's" to public`)
    await applyGrants(database)
    const { rows } = await database.query(
      `select has_table_privilege('steptrail_writer', 'workflow_steps', 'delete') as writer,
        exists (select from information_schema.role_table_grants where grantee = 'PUBLIC' and table_name = 'audit_event') as public`,
    )
    expect(rows).toEqual([{ writer: false, public: false }])
  })

  it('wait for nobody who reads or writes where they are as they should be, and mend what is not', async () => {
    const { url } = await createDatabaseWithLogins()
    await using database = await openDatabase({ url })
    await migrate(database, { roles: true })
    const again = () =>
      applyGrants({
        ...database,
        transaction: (work) =>
          database.transaction(async (tx) => {
            await tx(`set local lock_timeout = '100ms'`)
            return await work(tx)
          }),
      })
    await database.transaction(async (tx) => {
      await tx('lock table audit_event, workflow_executions, workflow_steps in row exclusive mode')
      await again()
    })
    await database.query('alter policy reader_sees_its_tenant on audit_event using (true)')
    await database.query('alter table workflow_steps disable row level security')
    await again()
    const { rows } = await database.query(
      `select (select qual from pg_policies where tablename = 'audit_event' and policyname like 'reader%') as qual,
        (select relrowsecurity from pg_class where oid = 'workflow_steps'::regclass) as secured`,
    )
    expect(rows).toEqual([{ qual: expect.stringContaining('steptrail.tenant') as string, secured: true }])
  })

  it('reach tables that a later migration makes', async () => {
    const { url } = await createDatabaseWithLogins()
    await using database = await openDatabase({ url })
    await migrate(database, { roles: true })
    await database.query('create table later ()')
    await migrate(database)
    const { rows } = await database.query(
      `select tableowner as owner from pg_tables where tablename = 'later'`,
    )
    expect(rows).toEqual([{ owner: 'steptrail_owner' }])
  })

  it('can be set up by a login that is a member of the owner, and not by one that is not', async () => {
    const place = await createDatabaseWithLogins()
    const [member, other] = [await place.createLogin(''), await place.createLogin('')]
    await grantCreate(place.url, [member, other])

    await using others = await openDatabase({ url: other, schema: 'others' })
    await expect(migrate(others, { roles: true })).rejects.toMatchObject({
      code: 'insufficient_privilege',
      message: expect.stringContaining('steptrail grants') as string,
    })

    await using members = await openDatabase({ url: member, schema: 'members' })
    await migrate(members)
    await grantMembership(place.url, member)
    expect(await migrate(members, { roles: true })).toMatchObject({ applied: [] })
    expect(await migrate(members)).toMatchObject({ applied: [] })
    await members.query(`insert into audit_event (event_type, entity_type) values ('x', 'OPERATION')`)
    const writer = await openDatabase({
      url: await place.createLogin('in role steptrail_writer'),
      schema: 'members',
    })
    await writer.query(`insert into audit_event (event_type, entity_type) values ('x', 'OPERATION')`)
    await writer.close()
  })

  it('are statements that a database administrator can run', () => {
    const statements = grantStatements('audit')
    expect(statements[0]).toBe('set local search_path to "audit", pg_temp')
    expect(statements).toContain('grant insert on audit_event to steptrail_writer')
    expect(statements.filter((statement) => /update.* on audit_event/.test(statement))).toEqual([])
    expect(() => grantStatements('pg_x')).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
  })
})

/** The roles belong to the server, so some database of it has to have been given them first. */
async function grantMembership(url: string, login: string): Promise<void> {
  await using superuser = await openDatabase({ url, schema: 'first' })
  await migrate(superuser, { roles: true })
  await superuser.query(`grant steptrail_owner to ${new URL(login).username}`)
}

async function grantCreate(url: string, logins: readonly string[]): Promise<void> {
  await using superuser = await openDatabase({ url })
  const names = logins.map((login) => new URL(login).username)
  await superuser.query(`grant create on database ${new URL(url).pathname.slice(1)} to ${names.join(', ')}`)
}

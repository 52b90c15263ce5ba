import { DBOS } from '@dbos-inc/dbos-sdk'
import { migrate, openDatabase } from '@steptrail/core'
import { DbosRecorder, install } from '@steptrail/dbos'
import { createDatabaseWithLogins, createEmptyDatabase, releaseAfterTest } from '@steptrail/testkit'
import pg from 'pg'
import { expect, it } from 'vitest'

const roleOf = (url: string): string => pg.escapeIdentifier(new URL(url).username)

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

/** DBOS as the owner of its tables alone, another role that installs beside it, and one that only records. */
async function openApart() {
  const database = await createDatabaseWithLogins()
  const createLogin = (attributes: string) => database.createLogin(attributes)
  const urls = {
    app: await createLogin(''),
    installer: await createLogin(''),
    recorder: await createLogin(''),
  }
  const [app, installer, recorder] = [roleOf(urls.app), roleOf(urls.installer), roleOf(urls.recorder)]
  const superuser = await connected(database.url)
  const name = pg.escapeIdentifier(new URL(database.url).pathname.slice(1))
  await superuser.query(`grant create on database ${name} to ${app}`)
  await DBOS.migrate(urls.app)
  await superuser.query(`revoke create on database ${name} from ${app}`)
  const asApp = await connected(urls.app)
  releaseAfterTest(async () => {
    await asApp.end()
    await superuser.query(`drop owned by ${app}, ${installer}, ${recorder} cascade`)
    await superuser.end()
  })
  return { urls, superuser, asApp, installer, recorder, createLogin }
}

it('needs no other rights than the guide names, of whoever installs, of DBOS, and of the recorder', async () => {
  const { urls, superuser, asApp, installer, recorder, createLogin } = await openApart()
  await superuser.query(`
    create schema dbos_steptrail authorization ${installer};
    grant usage on schema dbos to ${installer}, ${recorder}`)
  await expect(install({ url: urls.installer })).rejects.toThrow('permission denied for table')
  await superuser.query(
    `grant select, trigger, update on dbos.workflow_status, dbos.operation_outputs to ${installer}`,
  )
  expect(await install({ url: urls.installer })).toMatchObject({ isNew: true })
  expect(await install({ url: urls.installer })).toMatchObject({ isNew: false })
  await superuser.query(`
    grant usage on schema dbos_steptrail to ${recorder};
    grant select on dbos_steptrail.installation, dbos_steptrail.wrapped_step to ${recorder};
    grant select, delete on dbos_steptrail.outbox to ${recorder};
    grant insert on dbos_steptrail.refused to ${recorder};
    grant select on dbos.workflow_status, dbos.workflow_input, dbos.workflow_output to ${recorder}`)
  await asApp.query(
    `insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at)
    values ('order-1', 'PENDING', 'order', $1, $1)`,
    [Date.now()],
  )
  await asApp.query(`update dbos.workflow_status set status = 'CANCELLED'`)
  const trailUrl = await createEmptyDatabase()
  const owner = await openDatabase({ url: trailUrl })
  releaseAfterTest(() => owner.close())
  await migrate(owner, { roles: true })
  const writer = new URL(await createLogin('in role steptrail_writer'))
  writer.pathname = new URL(trailUrl).pathname
  const trail = await openDatabase({ url: writer.href })
  releaseAfterTest(() => trail.close())
  await using recording = new DbosRecorder(trail, { url: urls.recorder })
  expect(await recording.recordAll()).toBe(2)
  const { rows } = await owner.query('select engine_execution_id, status from workflow_executions')
  expect(rows).toEqual([{ engine_execution_id: 'order-1', status: 'cancelled' }])
}, 60_000)

import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { releaseAfterTest } from './release.ts'
import { createEmptyDatabase } from './test-database.ts'

/** A database with logins of the test's own, which all go when it ends. */
export interface DatabaseWithLogins {
  /** As the server's superuser. */
  readonly url: string
  /** Creates a login with these attributes or memberships (`createrole`, `in role steptrail_writer`) and gives its URL. */
  createLogin(attributes: string): Promise<string>
}

/** A new, empty database, and logins for it. */
export async function createDatabaseWithLogins(): Promise<DatabaseWithLogins> {
  const logins: string[] = []
  let url = ''
  releaseAfterTest(async () => {
    const server = new URL(url)
    server.pathname = '/template1'
    for (const login of logins) await execute(server.href, `drop role ${login}`)
  })
  url = await createEmptyDatabase()
  return {
    url,
    createLogin: async (attributes) => {
      const login = `steptrail_test_${randomBytes(6).toString('hex')}`
      await execute(url, `create role ${login} login password '${login}' ${attributes}`)
      logins.push(login)
      const place = new URL(url)
      place.username = login
      place.password = login
      return place.href
    },
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

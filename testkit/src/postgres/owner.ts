import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The user a PostgreSQL server runs as; empty for the user who runs the tests. */
export interface ServerOwner {
  readonly uid?: number
  readonly gid?: number
}

/**
 * PostgreSQL refuses to run as root, as which tests run in many containers. Then the server belongs to `nobody`, whom
 * every system has, so that no user needs to be created for it.
 */
export async function serverOwner(): Promise<ServerOwner> {
  if (userInfo().uid !== 0) return {}
  const [uid, gid] = await Promise.all([idOf('-u'), idOf('-g')])
  return { uid, gid }
}

/** Whether `owner` can execute `program`: root's checkout may lie in a directory that others cannot enter. */
export async function canExecute(program: string, owner: ServerOwner): Promise<boolean> {
  const child = spawn(program, ['--version'], { ...owner, stdio: 'ignore' })
  return once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  )
}

async function idOf(flag: '-u' | '-g'): Promise<number> {
  const { stdout } = await run('id', [flag, 'nobody'])
  return Number.parseInt(stdout, 10)
}

import { type Database, readRights, type Right, type Rights, roleWithRight } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { Probe } from './probe.ts'
import type { ServerRole } from './roles.ts'

/** A role of a server that its login has no rights for, why not and what to do. */
export interface RoleLack {
  readonly role: ServerRole
  readonly problem: string
}

/** For which of these roles a login with these rights has none. */
export function lacksFor(roles: Iterable<ServerRole>, rights: Rights): readonly RoleLack[] {
  return [...roles].flatMap((role) => {
    const right = rightOf[role]
    if (rights[right]) return []
    const problem =
      `${rights.login} has no rights for the role ${role}, of which nothing will come: ` +
      `make the login a member of ${roleWithRight[right]}, or leave the role to another process by --roles`
    return [{ role, problem }]
  })
}

const rightOf: Readonly<Record<ServerRole, Right>> = {
  api: 'records',
  ingest: 'records',
  clock: 'records',
  seal: 'seals',
  retain: 'administers',
}

/**
 * Whether the login of a server may do what it is there for. What sees no row of what it may not read finds nothing to
 * do, and would be taken for well.
 */
export class RoleRights {
  readonly #lacks: Probe<readonly RoleLack[]>

  constructor(database: Database, roles: readonly ServerRole[]) {
    this.#lacks = new Probe('the database', async () => lacksFor(roles, await readRights(database.query)))
  }

  /** Rejects as a {@link Probe} does. */
  lacks(): Promise<readonly RoleLack[]> {
    return this.#lacks.ask()
  }

  /** Throws `insufficient_privilege` where it lacks any, and rejects as `lacks` does. */
  async check(): Promise<void> {
    const problems = (await this.lacks()).map(({ problem }) => problem)
    if (problems.length > 0) throw new TrailError('insufficient_privilege', problems.join('; '))
  }
}

import {
  type ApiKey,
  createApiKey,
  keyScopes,
  type KeyScope,
  listApiKeys,
  revokeApiKey,
} from '@steptrail/core'
import type { Actor } from '@steptrail/event'
import { type Command, InvalidArgumentError } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { operatorOf } from '../operator.ts'
import { actorOf, expiryOf } from '../option-values.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Cell, type Column, drawTable } from '../terminal/table.ts'
import { printable } from '../terminal/text.ts'

interface Flags extends CommonFlags {
  readonly scopes: readonly KeyScope[]
  readonly tenant?: string
  readonly expires?: string
  readonly actor?: Actor
}

/** `steptrail keys`: who may use the server. */
export function addKeys(program: Command, surroundings: Surroundings): void {
  const keys = program.command('keys').description('Make, list and revoke keys to the server.')
  addCreate(keys, surroundings)
  addList(keys, surroundings)
  addRevoke(keys, surroundings)
}

const actorOption = ['--actor <type:id>', 'who does it (default: user:<login name>)'] as const

function addCreate(keys: Command, surroundings: Surroundings): void {
  const command = keys
    .command('create')
    .description(
      'Make a key. Its secret is shown this once. The first one ends that this machine needs none.',
    )
    .argument('<name>', 'what its requests are recorded under')
    .requiredOption('--scopes <list>', `what it may do, with commas: ${keyScopes.join(', ')}`, scopesOf)
    .option('--tenant <name>', 'the one tenant that it sees and records for; needs the roles of the database')
    .option('--expires <time>', 'when it ends: ISO 8601, or from now on, such as 12h or 90d', expiryOf)
    .option(...actorOption, actorOf)
  withCommonOptions(command, [
    ['keys create api-service --scopes record --expires 90d', 'for a service that records over HTTP'],
    ['keys create ops --scopes read,operate', 'for people who look, and intervene'],
    ['keys create acme --scopes read --tenant acme', 'for one who sees the rows of one tenant only'],
  ]).action(async (name: string, flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const { scopes, tenant, expires: expiresAt } = flags
      const { key, secret } = await createApiKey(
        database,
        { name, scopes, tenant, expiresAt },
        by(flags, surroundings),
      )
      if (flags.json) return writeJson(surroundings, { key, secret })
      writeLines(surroundings, [
        secret,
        '',
        `This is the key ${key.name} (${key.keyId}), and it is not shown again.`,
        'To use it: Authorization: Bearer, and the key.',
      ])
    })
  })
}

function addList(keys: Command, surroundings: Surroundings): void {
  const command = keys.command('list').description('List keys, the newest first, without their secrets.')
  withCommonOptions(command, [['keys list', 'who may use the server, and who could']]).action(
    async (flags: CommonFlags) => {
      await withTrail(flags, surroundings, async (database) => {
        const all = await listApiKeys(database)
        if (flags.json) return writeJson(surroundings, { keys: all })
        if (all.length === 0)
          return writeLines(surroundings, [
            'There is no key yet: this machine may do everything, and others cannot connect.',
          ])
        writeLines(surroundings, drawTable(columns, all.map(rowOf), terminalFor(surroundings)))
      })
    },
  )
}

const columns: readonly Column[] = [
  { title: 'name', gives: 1, least: 12 },
  { title: 'scopes' },
  { title: 'tenant', gives: 3 },
  { title: 'state' },
  { title: 'last used (UTC)', gives: 4 },
  { title: 'id' },
]

const rowOf = (key: ApiKey): readonly Cell[] => [
  { text: key.name },
  { text: key.scopes.join(',') },
  { text: key.tenant ?? '' },
  { text: stateOf(key), styles: key.revokedAt === null ? [] : ['dim'] },
  { text: minuteOf(key.lastUsedAt), styles: ['dim'] },
  { text: key.keyId },
]

const minuteOf = (instant: string | null): string => instant?.slice(0, 16).replace('T', ' ') ?? ''

function addRevoke(keys: Command, surroundings: Surroundings): void {
  const command = keys
    .command('revoke')
    .description('Revoke a key at once.')
    .argument('<id>', 'its id; see keys list')
    .option(...actorOption, actorOf)
  withCommonOptions(command, [
    ['keys revoke 01a1fdb5-ad7a-7411-aed9-d5146d904434', 'it counts no more, from the next request on'],
  ]).action(async (keyId: string, flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      const key = await revokeApiKey(database, keyId, by(flags, surroundings))
      if (flags.json) return writeJson(surroundings, key)
      writeLines(surroundings, [printable(`The key ${key.name} was revoked at ${key.revokedAt ?? ''}.`)])
    })
  })
}

const by = ({ actor }: Flags, surroundings: Surroundings): Actor => actor ?? operatorOf(surroundings)

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${minuteOf(revokedAt)}`
  if (expiresAt === null) return 'active'
  return Date.parse(expiresAt) <= Date.now()
    ? `expired ${minuteOf(expiresAt)}`
    : `until ${minuteOf(expiresAt)}`
}

function scopesOf(value: string): readonly KeyScope[] {
  const named = value.split(',').map((word) => word.trim())
  const unknown = named.find((word) => !keyScopes.some((scope) => scope === word))
  if (unknown === undefined) return keyScopes.filter((scope) => named.includes(scope))
  throw new InvalidArgumentError(`${JSON.stringify(unknown)} is none of ${keyScopes.join(', ')}.`)
}

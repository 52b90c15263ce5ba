import { TrailError } from '@steptrail/event'
import { defaultSpoolDirectory } from '@steptrail/recorder/node'
import { operatorActions, type OperatorOrder } from '@steptrail/saga'
import { retentionSettings } from './retention-settings.ts'
import type { Environment } from './terminal/terminal.ts'

/** One setting of the command line. A flag wins over the variable. */
export interface Setting {
  readonly variable: string
  readonly flag: string | null
  readonly fallback: string
  readonly meaning: string
}

/** Every variable of ours that the program reads. */
export const settings: readonly Setting[] = [
  {
    variable: 'DATABASE_URL',
    flag: '--database URL',
    fallback: 'none: the embedded database',
    meaning: 'The PostgreSQL database (15 or later), as postgres://user:password@host:port/database.',
  },
  {
    variable: 'DATABASE_REPLICA_URL',
    flag: null,
    fallback: 'none',
    meaning:
      'A replica of it, where `steptrail serve` reads lists, exports and reports; of no effect on the embedded database.',
  },
  {
    variable: 'NATS_URL',
    flag: '--nats URLS',
    fallback: 'none',
    meaning:
      'Nodes of NATS from whose JetStream `steptrail serve` takes events, as nats://user:password@host:port, with commas.',
  },
  {
    variable: 'NATS_CREDS',
    flag: null,
    fallback: 'none',
    meaning: 'A file of credentials for NATS: a JWT and its seed.',
  },
  {
    variable: 'NATS_NKEY',
    flag: null,
    fallback: 'none',
    meaning: 'A file with the seed of an NKey for NATS, in the place of credentials.',
  },
  {
    variable: 'NATS_CA',
    flag: null,
    fallback: 'those of Node',
    meaning: 'A file with the certificates of the authorities by which nodes of NATS are known, in PEM.',
  },
  {
    variable: 'NATS_CERT',
    flag: null,
    fallback: 'none',
    meaning: 'A file with the certificate that nodes of NATS are shown, in PEM.',
  },
  {
    variable: 'NATS_KEY',
    flag: null,
    fallback: 'none',
    meaning: 'A file with the private key of that certificate, in PEM, without a passphrase.',
  },
  {
    variable: 'STEPTRAIL_NATS_STREAM',
    flag: null,
    fallback: 'steptrail',
    meaning: 'The stream that it takes them from.',
  },
  {
    variable: 'STEPTRAIL_ROLES',
    flag: '--roles ROLES',
    fallback: 'all',
    meaning: 'What `steptrail serve` does, with commas: `api`, `ingest`, `clock`, `seal`, `retain`.',
  },
  {
    variable: 'STEPTRAIL_DATA_DIR',
    flag: '--data-dir DIRECTORY',
    fallback: './.steptrail',
    meaning: 'Where the embedded database keeps its data. As a flag, it also means the embedded database.',
  },
  {
    variable: 'STEPTRAIL_SCHEMA',
    flag: '--schema NAME',
    fallback: 'steptrail',
    meaning: 'The schema that holds the trail.',
  },
  {
    variable: 'STEPTRAIL_HOST',
    flag: '--host ADDRESS',
    fallback: '127.0.0.1',
    meaning: 'Where `steptrail serve` listens. Beyond this machine only with authentication.',
  },
  {
    variable: 'STEPTRAIL_PORT',
    flag: '--port NUMBER',
    fallback: '4680',
    meaning: 'Its port; 0 for any that is free.',
  },
  {
    variable: 'STEPTRAIL_API_KEY',
    flag: null,
    fallback: 'none',
    meaning:
      'The key with which `steptrail events --follow --server URL` and `steptrail mcp --server URL` ask.',
  },
  {
    variable: 'STEPTRAIL_RATE_LIMIT',
    flag: null,
    fallback: '500',
    meaning: 'Requests a second that the server takes of one key, or of one address.',
  },
  {
    variable: 'STEPTRAIL_BODY_BYTES',
    flag: null,
    fallback: '16777216',
    meaning: 'Bytes of a request that the server takes.',
  },
  {
    variable: 'STEPTRAIL_RECORD_READING',
    flag: null,
    fallback: '0',
    meaning: '1 puts on record who reads events, inputs and outputs over HTTP.',
  },
  {
    variable: 'STEPTRAIL_CORS_ORIGINS',
    flag: null,
    fallback: 'none',
    meaning: 'Origins whose pages may ask the server, with commas, such as `https://app.example`.',
  },
  {
    variable: 'STEPTRAIL_REDACT_KEYS',
    flag: null,
    fallback: 'none',
    meaning: 'Further keys of details, inputs and outputs that are secrets, with commas; the server’s.',
  },
  {
    variable: 'STEPTRAIL_OIDC_ISSUER',
    flag: null,
    fallback: 'none',
    meaning: 'The `iss` of tokens that the server takes beside keys.',
  },
  {
    variable: 'STEPTRAIL_OIDC_AUDIENCE',
    flag: null,
    fallback: 'none',
    meaning: 'The `aud` that they have; needed with an issuer.',
  },
  {
    variable: 'STEPTRAIL_OIDC_JWKS_URL',
    flag: null,
    fallback: 'none',
    meaning: 'Where the public keys of the issuer are; needed with an issuer.',
  },
  {
    variable: 'STEPTRAIL_OIDC_ACTOR_CLAIM',
    flag: null,
    fallback: 'sub',
    meaning: 'The claim that names who it is.',
  },
  {
    variable: 'STEPTRAIL_OIDC_SCOPES_CLAIM',
    flag: null,
    fallback: 'scope',
    meaning: 'The claim with the scopes, as `read` or `steptrail:read`.',
  },
  {
    variable: 'STEPTRAIL_OIDC_TENANT_CLAIM',
    flag: null,
    fallback: 'none',
    meaning: 'The claim with the tenant; with it, a token without one is refused.',
  },
  {
    variable: 'STEPTRAIL_SECOND_PERSON_FOR',
    flag: null,
    fallback: 'none',
    meaning: 'Actions of `steptrail act` that need `--approved-by`, such as `cancel,skip`.',
  },
  {
    variable: 'STEPTRAIL_SPOOL_DIR',
    flag: '--dir DIRECTORY',
    fallback: defaultSpoolDirectory,
    meaning:
      'Where recorders keep events while the database is away. Embedded: `spool` in the data directory.',
  },
  {
    variable: 'STEPTRAIL_LOG_DIR',
    flag: '--log-dir DIRECTORY',
    fallback: '`log` in the data directory',
    meaning: 'Where the signing key and the last checkpoints are kept: not beside the data, in production.',
  },
  {
    variable: 'STEPTRAIL_SIGNING_KEY',
    flag: null,
    fallback: 'none: the file signing-key.pem in the log directory',
    meaning: 'The Ed25519 private key that signs the log, as PEM.',
  },
  {
    variable: 'STEPTRAIL_LOG_ORIGIN',
    flag: null,
    fallback: "steptrail.local/ and the database's id",
    meaning: 'The name of the log when it begins: a URL without its scheme, such as log.example.com/orders.',
  },
  {
    variable: 'STEPTRAIL_WITNESS_URL',
    flag: null,
    fallback: 'none',
    meaning: 'The witness that cosigns checkpoints, as http://witness.example.com:4681.',
  },
  {
    variable: 'STEPTRAIL_WITNESS_KEY',
    flag: null,
    fallback: 'none',
    meaning: 'The public key of the witness, as it prints it.',
  },
  {
    variable: 'STEPTRAIL_RETENTION_HOUR',
    flag: null,
    fallback: '3',
    meaning:
      'The hour of the day, in UTC, from which on `steptrail serve` runs retention; `off`: it does not.',
  },
  {
    variable: 'STEPTRAIL_ARCHIVE_DIR',
    flag: '--archive-dir DIRECTORY',
    fallback: './.steptrail/archive',
    meaning: 'Where `steptrail serve` archives what retention lets go of, as Parquet; `none`: it does not.',
  },
  {
    variable: 'STEPTRAIL_DEBUG',
    flag: null,
    fallback: '0',
    meaning: '1 shows the stack of an error.',
  },
]

/** Flags of the database, as given. */
export interface DatabaseFlags {
  readonly database?: string
  readonly dataDir?: string
  readonly schema?: string
  /** For a command that serves the embedded database. */
  readonly serving?: { readonly url?: string }
}

/** Which database the flags and variables mean. Without a URL it is the embedded one. */
export interface DatabaseChoice {
  readonly url: string | undefined
  readonly dataDir: string
  readonly schema: string
}

/** An empty variable counts as not set. Throws `invalid_configuration` when two flags contradict each other. */
export function databaseChoice(flags: DatabaseFlags, env: Environment): DatabaseChoice {
  if (flags.database !== undefined && flags.dataDir !== undefined)
    throw new TrailError(
      'invalid_configuration',
      `--database and --data-dir ${flags.dataDir} name two databases: give one of them`,
    )
  const variable = flags.dataDir === undefined ? env['DATABASE_URL'] : undefined
  return {
    url: flags.database ?? (variable || undefined),
    dataDir: dataDirectory(flags, env),
    schema: flags.schema ?? (env['STEPTRAIL_SCHEMA'] || 'steptrail'),
  }
}

/** Where the embedded database is, and what else belongs to it. */
export const dataDirectory = ({ dataDir }: Pick<DatabaseFlags, 'dataDir'>, env: Environment): string =>
  dataDir ?? (env['STEPTRAIL_DATA_DIR'] || './.steptrail')

/** Actions that need a second person by `STEPTRAIL_SECOND_PERSON_FOR`. Throws `invalid_configuration` for an unknown one. */
export function secondPersonFor(env: Environment): readonly OperatorOrder['action'][] {
  const named = (env['STEPTRAIL_SECOND_PERSON_FOR'] ?? '').split(',').map((action) => action.trim())
  return named.filter((action) => action !== '').map(knownAction)
}

function knownAction(action: string): OperatorOrder['action'] {
  const known = operatorActions.find((one) => one === action)
  if (known !== undefined) return known
  throw new TrailError(
    'invalid_configuration',
    `STEPTRAIL_SECOND_PERSON_FOR names ${JSON.stringify(action)}: give some of ${operatorActions.join(', ')}, with commas between them`,
  )
}

/** What is wrong with our variables without being an error: names that nothing reads. */
export function settingWarnings(env: Environment): readonly string[] {
  const known = new Set(settings.map(({ variable }) => variable))
  return Object.keys(env)
    .filter((name) => name.startsWith('STEPTRAIL_') && !known.has(name))
    .map((name) => `${name} is set and nothing reads it. Known are ${[...known].join(', ')}.`)
}

/** Throws `invalid_configuration` for a variable whose value cannot be read. */
export function checkSettings(env: Environment): void {
  const debug = env['STEPTRAIL_DEBUG']
  if (debug && debug !== '0' && debug !== '1')
    throw new TrailError('invalid_configuration', `STEPTRAIL_DEBUG is ${JSON.stringify(debug)}: give 0 or 1`)
  secondPersonFor(env)
  retentionSettings(env)
}

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TrailError } from '@steptrail/event'
import { type Authenticator, jwtAuthenticator, nkeyAuthenticator, nkeys } from '@nats-io/transport-node'
import { messageOf } from './nats-trouble.ts'
import type { NatsOptions } from './nats-options.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Connection = NonNullable<NatsOptions['connection']>

/**
 * Reads what the environment says about a connection to NATS, for the option `connection`; each variable is the path of
 * a file, and is called as the program `nats` calls it:
 *
 * - `NATS_CREDS`: credentials (a JWT and its seed); `NATS_NKEY`: the seed of a user; one of the two at most
 * - `NATS_CA`: the certificates of the authorities by which nodes are known
 * - `NATS_CERT` and `NATS_KEY`: the certificate of this client, and its private key
 *
 * Each file is looked into at once, and read again for each connection: what is renewed in its place counts from the
 * next one on. An empty variable counts as not set.
 *
 * @throws TrailError `invalid_configuration` that names the variable and the file, and nothing of what is in it
 */
export function natsConnectionFromEnv(env: Environment = process.env): Connection {
  const files = ['NATS_CREDS', 'NATS_NKEY', 'NATS_CA', 'NATS_CERT', 'NATS_KEY'] as const
  const [creds, nkey, ca, cert, key] = files.map((variable) => fileOf(variable, env))
  if (creds && nkey)
    throw refused('NATS_CREDS and NATS_NKEY are both set', 'keep the one that the nodes know')
  if (!cert !== !key)
    throw refused(`${cert ? 'NATS_CERT' : 'NATS_KEY'} is set alone`, 'give NATS_CERT and NATS_KEY')
  if (ca) requireCertificate(ca)
  if (cert && key) requirePair(cert, key)
  const tls = {
    ...(ca && { caFile: ca.path }),
    ...(cert && key && { certFile: cert.path, keyFile: key.path }),
  }
  return {
    ...(creds && { authenticator: withCredentials(rereading(creds, requireCredentials)) }),
    ...(nkey && { authenticator: nkeyAuthenticator(rereading(nkey, requireSeed)) }),
    ...((ca ?? cert) && { tls }),
  }
}

/** A file that a variable names. */
interface NamedFile {
  readonly variable: string
  readonly path: string
}

function fileOf(variable: string, env: Environment): NamedFile | undefined {
  const path = env[variable]?.trim()
  return path ? { variable, path } : undefined
}

/** What is in it now, as far as that can be used; what was in it before, where it is being replaced. Throws at first. */
function rereading<T>(file: NamedFile, require: (file: NamedFile) => T): () => T {
  let last = require(file)
  return () => {
    try {
      last = require(file)
    } catch (error) {
      // The client would end on it. Where the nodes know the old one no more, they say so.
      if (!(error instanceof TrailError)) throw error
    }
    return last
  }
}

function read({ variable, path }: NamedFile): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw refused(
      `${variable} names a file that cannot be read (${messageOf(error)})`,
      'give the path of one',
    )
  }
}

interface Credentials {
  readonly jwt: string
  readonly seed: Uint8Array
}

const withCredentials = (credentials: () => Credentials): Authenticator =>
  jwtAuthenticator(
    () => credentials().jwt,
    () => credentials().seed,
  )

function requireCredentials(file: NamedFile): Credentials {
  const blocks = read(file)
    .toString()
    .matchAll(/-{3,}BEGIN [^\n]+-{3,}\s+(\S+)\s+-{3,}END /g)
  const [jwt = '', seed = ''] = [...blocks].map(([, said = '']) => said)
  if (isSeed(seed)) return { jwt, seed: Buffer.from(seed) }
  throw without(file, 'credentials', 'a JWT and its seed, as `nsc generate creds` writes them')
}

function requireSeed(file: NamedFile): Uint8Array {
  const seed = read(file).toString().trim()
  if (!isSeed(seed)) throw without(file, 'seed', 'one that begins with SU, as `nk -gen user` writes it')
  return Buffer.from(seed)
}

function isSeed(text: string): boolean {
  try {
    return nkeys.fromSeed(Buffer.from(text)).getPublicKey() !== ''
  } catch {
    // What is wrong with it stays untold: it may be a secret.
    return false
  }
}

function requireCertificate(file: NamedFile): X509Certificate {
  const text = read(file)
  try {
    return new X509Certificate(text)
  } catch {
    throw without(file, 'certificate', 'one in PEM')
  }
}

function requirePair(cert: NamedFile, key: NamedFile): void {
  const certificate = requireCertificate(cert)
  const text = read(key)
  if (Date.parse(certificate.validTo) < Date.now())
    throw refused(`NATS_CERT (${cert.path}) has expired on ${certificate.validTo}`, 'renew it')
  try {
    if (certificate.checkPrivateKey(createPrivateKey(text))) return
  } catch {
    throw without(key, 'private key', 'one in PEM, without a passphrase')
  }
  throw refused(
    `NATS_KEY (${key.path}) is not the key of NATS_CERT (${cert.path})`,
    'give two that belong together',
  )
}

const without = ({ variable, path }: NamedFile, what: string, wanted: string): TrailError =>
  refused(`${variable} (${path}) holds no ${what}`, `give ${wanted}`)

const refused = (problem: string, advice: string): TrailError =>
  new TrailError('invalid_configuration', `${problem}: ${advice}`)

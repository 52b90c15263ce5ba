import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import { certificates, describeOnNats, releaseAfterTest, startNats } from '@steptrail/testkit'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { natsConnectionFromEnv } from './connection-from-env.ts'
import { NatsLink } from './nats-link.ts'

const waitFor = { timeout: 20_000, interval: 20 }

let directory = ''
const at = (name: string): string => join(directory, name)
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'steptrail-logins-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  for (const [name, { certificate, key }] of Object.entries(certificates)) {
    await writeFile(at(`${name}.pem`), certificate)
    await writeFile(at(`${name}.key`), key)
  }
})

async function nodeWith(configuration: string) {
  const cluster = await startNats()
  const restart = (text: string): Promise<void> => cluster.node(0).restartWith(text)
  await restart(configuration)
  // The client holds the certificate of a node that is named by its address against the name localhost.
  return { servers: cluster.servers.map((server) => server.replace('127.0.0.1', 'localhost')), restart }
}

/** What becomes of a connection: that it is there, or why not. */
async function connecting(servers: readonly string[], env: Readonly<Record<string, string>>) {
  await using link = new NatsLink({ servers, connection: natsConnectionFromEnv(env) })
  try {
    await link.open()
    return 'connected'
  } catch (error) {
    return String(error)
  }
}

const tlsOf = (node: string, verify = false): string =>
  `tls { cert_file: "${at(`${node}.pem`)}", key_file: "${at(`${node}.key`)}", ` +
  `ca_file: "${at('authority.pem')}", verify: ${verify} }`

const blockOf = (kind: string, text: string): string =>
  `-----BEGIN ${kind}-----\r\n${text}\r\n------END ${kind}------\r\n\r\n`

/** A JWT of NATS: https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt */
function jwtOf(issuer: ReturnType<typeof nkeys.createUser>, sub: string, nats: object): string {
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { jti: sub, iat: 1_600_000_000, iss: issuer.getPublicKey(), sub, name: 'test', nats }
  const signed = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded(claims)}`
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`
}

describe('what the environment says about a connection', () => {
  const refusals: readonly (readonly [string, () => Record<string, string>, RegExp])[] = [
    [
      'a file that is not there',
      () => ({ NATS_CREDS: at('none') }),
      /NATS_CREDS names a file that cannot be read/,
    ],
    ['no credentials', () => ({ NATS_CREDS: at('client.key') }), /NATS_CREDS \(.*\) holds no credentials/],
    ['no seed', () => ({ NATS_NKEY: at('client.key') }), /NATS_NKEY \(.*\) holds no seed/],
    ['two logins', () => ({ NATS_CREDS: 'a', NATS_NKEY: 'b' }), /NATS_CREDS and NATS_NKEY are both set/],
    ['no authority', () => ({ NATS_CA: at('client.key') }), /NATS_CA \(.*\) holds no certificate/],
    ['no key', () => ({ NATS_CERT: at('client.pem') }), /NATS_CERT is set alone/],
    ['no certificate', () => ({ NATS_KEY: at('client.key') }), /NATS_KEY is set alone/],
    [
      'a key that is none',
      () => ({ NATS_CERT: at('client.pem'), NATS_KEY: at('client.pem') }),
      /NATS_KEY \(.*\) holds no private key/,
    ],
    [
      'another key',
      () => ({ NATS_CERT: at('client.pem'), NATS_KEY: at('node.key') }),
      /is not the key of NATS_CERT/,
    ],
    [
      'a certificate that has expired',
      () => ({ NATS_CERT: at('expired.pem'), NATS_KEY: at('expired.key') }),
      /NATS_CERT \(.*\) has expired on .* 2021/,
    ],
  ]
  it.each(refusals)('is refused at once where there is %s', (_, env, said) => {
    const attempt = (): unknown => natsConnectionFromEnv(env())
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
    expect(attempt).toThrow(said)
    expect(attempt).not.toThrow(/BEGIN|MIG/)
  })

  it('is nothing where no variable is set', () => {
    expect(natsConnectionFromEnv({ NATS_CREDS: '', NATS_CA: ' ' })).toEqual({})
  })
})

describeOnNats('a connection', () => {
  it('trusts the authority that is named, and says why it does not trust a node', async () => {
    const { servers } = await nodeWith(tlsOf('node'))
    expect(await connecting(servers, { NATS_CA: at('authority.pem') })).toBe('connected')
    for (const env of [{}, { NATS_CA: at('stranger.pem') }])
      expect(await connecting(servers, env)).toMatch(
        /the certificate of NATS is not accepted at .*name the file of the authority .*NATS_CA/,
      )
    const old = await nodeWith(tlsOf('expired'))
    expect(await connecting(old.servers, { NATS_CA: at('authority.pem') })).toMatch(
      /the certificate of NATS is not accepted at .*certificate has expired: renew it/,
    )
    const open = await nodeWith('')
    expect(await connecting(open.servers, { NATS_CA: at('authority.pem') })).toContain("not support 'tls'")
  })

  it('shows its own certificate, and says where one may have been refused', async () => {
    const { servers } = await nodeWith(tlsOf('node', true))
    const env = (name: string) => ({
      NATS_CA: at('authority.pem'),
      NATS_CERT: at(`${name}.pem`),
      NATS_KEY: at(`${name}.key`),
    })
    expect(await connecting(servers, env('client'))).toBe('connected')
    expect(await connecting(servers, env('stranger'))).toContain('it may have refused that of this one')
  })

  it('logs in with credentials', async () => {
    const [operator, account, system] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()]
    const user = nkeys.createUser()
    const stored = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }
    const limits = {
      subs: -1,
      conn: -1,
      leaf: -1,
      imports: -1,
      exports: -1,
      data: -1,
      payload: -1,
      wildcards: true,
    }
    const accountJwtOf = (each: typeof account): string =>
      jwtOf(operator, each.getPublicKey(), {
        type: 'account',
        version: 2,
        limits: { ...limits, ...(each === account && stored) },
      })
    const userJwt = jwtOf(account, user.getPublicKey(), {
      type: 'user',
      version: 2,
      subs: -1,
      data: -1,
      payload: -1,
    })
    const seed = Buffer.from(user.getSeed()).toString()
    await writeFile(at('user.creds'), blockOf('NATS USER JWT', userJwt) + blockOf('USER NKEY SEED', seed))
    const operatorJwt = jwtOf(operator, operator.getPublicKey(), { type: 'operator', version: 2 })
    const preload = [account, system].map((each) => `${each.getPublicKey()}: "${accountJwtOf(each)}"`)
    const { servers } = await nodeWith(
      `operator: "${operatorJwt}"\nsystem_account: ${system.getPublicKey()}\nresolver: MEMORY\n` +
        `resolver_preload: { ${preload.join('\n')} }`,
    )
    expect(await connecting(servers, { NATS_CREDS: at('user.creds') })).toBe('connected')
    expect(await connecting(servers, {})).toMatch(/does not let this client in .*give the user and password/)
  })

  it('goes on with the key that was put in the place of the one that nodes know no more', async () => {
    const keys = [nkeys.createUser(), nkeys.createUser()] as const
    const seeds = keys.map((key) => Buffer.from(key.getSeed()).toString())
    const knowing = (key: (typeof keys)[number]): string =>
      `authorization { users: [ { nkey: ${key.getPublicKey()} } ] }`
    const { servers, restart } = await nodeWith(knowing(keys[0]))
    await writeFile(at('user.nk'), `${seeds[0]}\n`)
    await using link = new NatsLink({
      servers,
      connection: natsConnectionFromEnv({ NATS_NKEY: at('user.nk') }),
    })
    await link.open()
    await restart(knowing(keys[1]))
    await vi.waitFor(() => expect(link.open()).rejects.toThrow('NATS does not let this client in'), waitFor)
    await writeFile(at('user.nk'), '')
    await expect(link.open()).rejects.toThrow('NATS does not let this client in')
    await writeFile(at('user.nk'), `${seeds[1]}\n`)
    await link.open()
    expect(link.connection?.isClosed()).toBe(false)
  })
})

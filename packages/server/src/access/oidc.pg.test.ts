import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTrail, type Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

const issuer = 'https://issuer.example'
const audience = 'steptrail'

let issuing: HttpServer
let server: Server
let database: Database
let ask: Asking
let privateKey: CryptoKey
let foreignKey: CryptoKey
let isDown = false
/** What the issuer says are its keys, in place of those that it has. */
let said: object | undefined

beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  privateKey = pair.privateKey
  foreignKey = (await generateKeyPair('ES256')).privateKey
  const keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }]
  issuing = createHttpServer((_, answer) => {
    answer.writeHead(isDown ? 500 : 200, { 'content-type': 'application/json' })
    answer.end(JSON.stringify(said ?? { keys }))
  })
  await new Promise<void>((resolve) => issuing.listen(0, '127.0.0.1', resolve))
  const { port } = issuing.address() as AddressInfo
  database = await openTestDatabase('postgres')
  const oidc = { issuer, audience, jwksUrl: `http://127.0.0.1:${port}/keys`, tenantClaim: 'tenant' }
  server = await createServer({ trail: createTrail(database), holdsClock: false, oidc })
  ask = asked(server)
})
afterAll(async () => {
  await server.close()
  issuing.closeAllConnections()
  issuing.close()
})

interface Token {
  readonly claims?: JWTPayload
  readonly key?: CryptoKey
  readonly expires?: string
}

async function bearer({ claims = {}, key = privateKey, expires = '5m' }: Token = {}) {
  const token = await new SignJWT({
    sub: 'anna@example.com',
    iss: issuer,
    aud: audience,
    scope: 'openid steptrail:record steptrail:admin',
    tenant: 'acme',
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key)
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}

const record = (headers: Record<string, string>) =>
  ask.post('/api/v1/audit/events', { eventType: 'OPERATION', action: 'x' }, headers)

it('is down before its keys were ever fetched: the request is to come again', async () => {
  isDown = true
  const { status, body, headers } = await record(await bearer())
  isDown = false
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'server_busy' })
  expect(headers.get('retry-after')).toBe('5')
})

it('refuses a token that is over though its keys cannot be had, so that nothing goes on with it meanwhile', async () => {
  isDown = true
  const { status, body } = await record(await bearer({ expires: '-1m' }))
  isDown = false
  expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' })
})

it('says what are no keys before they were ever fetched: the request is to come again', async () => {
  said = { maintenance: true }
  const { status, body } = await record(await bearer())
  said = undefined
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'server_busy' })
})

it('takes a token of the issuer for who it names, with the scopes and the tenant that it has', async () => {
  const { status, body } = await record(await bearer())
  expect({ status, created: body.created }).toEqual({ status: 200, created: 1 })
  const { rows } = await database.query(
    `select actor_type, actor_id, tenant from audit_event where action = 'x'`,
  )
  expect(rows).toEqual([{ actor_type: 'user', actor_id: 'anna@example.com', tenant: 'acme' }])
})

it('gives a tenant’s token no scope that reaches every tenant', async () => {
  expect((await ask.get('/api/v1/keys', await bearer())).status).toBe(403)
})

it.each<[string, Token]>([
  ['has another signature', {}],
  ['is over', { expires: '-1m' }],
  ['is for another audience', { claims: { aud: 'other' } }],
  ['is of another issuer', { claims: { iss: 'https://other.example' } }],
  ['names no tenant, where tenants are wanted', { claims: { tenant: undefined } }],
  ['names nobody', { claims: { sub: '' } }],
  ['names somebody as no event can', { claims: { sub: 'a\0b' } }],
])('refuses a token that %s', async (why, token) => {
  const headers = await bearer(why === 'has another signature' ? { key: foreignKey } : token)
  const { status, body } = await record(headers)
  expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' })
})

it('refuses a token that says that it needs no signature, or one that we could make', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = part({ sub: 'x', iss: issuer, aud: audience, exp: 4e9, scope: 'admin', tenant: 't' })
  const none = await record({ authorization: `Bearer ${part({ alg: 'none' })}.${payload}.` })
  const shared = await new SignJWT({ sub: 'x', iss: issuer, aud: audience, scope: 'admin', tenant: 't' })
    .setProtectedHeader({ alg: 'HS256', kid: 'one' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode('a'.repeat(32)))
  for (const answer of [none, await record({ authorization: `Bearer ${shared}` })])
    expect(answer.status).toBe(401)
})

it('tells the requests of one person in two tenants apart', async () => {
  const once = async (tenant: string) => {
    const headers = { ...(await bearer({ claims: { tenant } })), 'idempotency-key': 'twice' }
    return (await ask.post('/api/v1/audit/events', { eventType: 'OPERATION', action: 'y' }, headers)).body
  }
  expect([
    (await once('acme')).created,
    (await once('globex')).created,
    (await once('acme')).created,
  ]).toEqual([1, 1, 0])
})

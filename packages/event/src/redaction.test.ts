import { expect, test } from 'vitest'
import { thrownBy } from '../test/thrown-by.ts'
import { builtInEventTypes } from './event-types.ts'
import { detailsRows } from './details-reference.ts'
import { eventColumns } from './event-columns.ts'
import { createRedactionPolicy, defaultRedaction, redact } from './redaction.ts'

const text = (given: string): string => defaultRedaction.redactText(given)

test.each([
  'password',
  'Password',
  'DB_PASSWORD',
  'dbPassword',
  'PGPASSWORD',
  'passwordHash',
  'password_confirmation',
  'passwd',
  'pwd',
  'user_pwd',
  'passphrase',
  'passcode',
  'secret',
  'clientSecret',
  'client-secret',
  'secretKey',
  'AWS_SECRET_ACCESS_KEY',
  'token',
  'accessToken',
  'refresh_token',
  'idTokenValue',
  'X-Auth-Token',
  'authorization',
  'Proxy-Authorization',
  'apiKey',
  'APIKey',
  'x-api-key',
  'api_key_value',
  'accesskey',
  'privateKey',
  'signing_key',
  'credentials',
  'cookie',
  'Set-Cookie',
  'sessionId',
  'connectionString',
  'cardNumber',
  'credit_card',
  'cvv',
  'card_cvc',
  'pin',
  'userPin',
  'otp',
  'jwt',
  'ssn',
])('the key %s is secret', (key) => {
  expect(defaultRedaction.isSecretKey(key)).toBe(true)
})

test.each([
  'user',
  'key',
  'id',
  'shippingAddress',
  'mapping',
  'opinion',
  'spinCount',
  'assn',
  'workerUuid',
  'attemptToken',
  'attempt_token',
  'apiKeyId',
  'accessKeyId',
  'keyId',
  'secretName',
  'secretArn',
  'tokenType',
  'tokenCount',
  'tokenUrl',
  'token_endpoint',
  'passwordChangedAt',
  'passwordPolicy',
  'credentialId',
  'cookieVersion',
  'inputDigest',
  'resultDigest',
  '',
  '…',
  '12',
])('the key %j is not secret', (key) => {
  expect(defaultRedaction.isSecretKey(key)).toBe(false)
})

test('no key of a built-in event is secret', () => {
  const keys = builtInEventTypes
    .flatMap((type) => detailsRows(type.details))
    .flatMap(({ path }) => path.split('.'))
  for (const key of [...keys, ...eventColumns.map((column) => column.key)])
    expect([key, defaultRedaction.isSecretKey(key)]).toEqual([key, false])
})

test('under a secret key text, numbers, lists and objects go; true, false and null stay', () => {
  const value = {
    password: 'x',
    pin: 1234,
    token: ['a', 'b'],
    secret: { a: 1 },
    hasPassword: true,
    apiKey: null,
  }
  expect(redact(value, defaultRedaction)).toEqual({
    password: '[redacted]',
    pin: '[redacted]',
    token: '[redacted]',
    secret: '[redacted]',
    hasPassword: true,
    apiKey: null,
  })
})

test('a number under a plural is a count', () => {
  const usage = { maxTokens: 512, prompt_tokens: 7, TOKENS: 1, credentials: 'x' }
  expect(redact(usage, defaultRedaction)).toEqual({ ...usage, credentials: '[redacted]' })
})

test('secrets are found at any depth, and the value given is left as it is', () => {
  const value = {
    list: [{ headers: { authorization: 'Bearer abc', accept: '*/*' } }],
    note: 'postgres://u:p@h/d',
  }
  const before = structuredClone(value)
  expect(redact(value, defaultRedaction)).toEqual({
    list: [{ headers: { authorization: '[redacted]', accept: '*/*' } }],
    note: 'postgres://u:[redacted]@h/d',
  })
  expect(value).toEqual(before)
})

test('what is nested too deeply is replaced whole, so a cycle ends', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  expect(JSON.stringify(redact(cycle as never, defaultRedaction))).toContain('"[redacted]"')
})

test('a key __proto__ stays a key', () => {
  const copy = redact(JSON.parse('{"__proto__":{"password":"x"}}') as never, defaultRedaction)
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"password":"[redacted]"}}')
})

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N'
const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----'

test.each([
  ['Authorization: Bearer abc', 'Authorization: Bearer [redacted]'],
  ['{"authorization":"Basic dXNlcjpwYXNz"}', '{"authorization":"Basic [redacted]"}'],
  ['authorization=abc123, x=1', 'authorization=[redacted], x=1'],
  ['sent bearer a1b2c3d4e5 to it', 'sent bearer [redacted] to it'],
  [
    'connect to postgres://app:s3cr3t@db:5432/x failed',
    'connect to postgres://app:[redacted]@db:5432/x failed',
  ],
  ['postgres://app:p@ss@db/x', 'postgres://app:[redacted]@db/x'],
  ['postgres://app:p/s#s@db/x', 'postgres://app:[redacted]@db/x'],
  ['redis://:hunter2@cache', 'redis://:[redacted]@cache'],
  ['amqps://a:b@h1, amqps://c:d@h2', 'amqps://a:[redacted]@h1, amqps://c:[redacted]@h2'],
  ['host=db password=hunter2 user=app', 'host=db password=[redacted] user=app'],
  ["password='my long one' user=app", 'password=[redacted] user=app'],
  ['Server=x;Pwd=hunter2;Database=y', 'Server=x;Pwd=[redacted];Database=y'],
  ['{"password": "a b", "user": "c"}', '{"password": [redacted], "user": "c"}'],
  [String.raw`{\"client_secret\":\"a b\",\"x\":1}`, String.raw`{\"client_secret\":[redacted],\"x\":1}`],
  ['GET /x?access_token=abc&y=1', 'GET /x?access_token=[redacted]&y=1'],
  ['api-key: abc', 'api-key: [redacted]'],
  ['{"token":"abc"}', '{"token":[redacted]}'],
  [`got ${jwt}.`, 'got [redacted].'],
  [`key ${key} end`, 'key [redacted] end'],
  ['-----BEGIN PRIVATE KEY-----\nMIIEow', '[redacted]'],
  ['Set-Cookie: sid=abc; Path=/; HttpOnly\nNext: 1', 'Set-Cookie: [redacted]\nNext: 1'],
  [`pushed with ghp_${'a1'.repeat(18)}`, 'pushed with [redacted]'],
  ['glpat-abcdefghij1234567890', '[redacted]'],
  ['paid with 4111 1111 1111 1111.', 'paid with [redacted].'],
  ['5500-0000-0000-0004', '[redacted]'],
  ['card=378282246310005,ok', 'card=[redacted],ok'],
])('%s loses its secret', (given, shown) => {
  expect(text(given)).toBe(shown)
})

test.each([
  'Connection timeout to Keycloak service',
  'Retry exhausted after 3 attempts',
  'duplicate key value violates unique constraint "tenants_name_key"',
  'Bearer authentication failed',
  'The bearer of bad news',
  'Unexpected token < in JSON at position 0',
  'Unexpected token: end of input',
  'GET http://localhost:4873/@scope/package',
  'GET http://localhost:8080?to=ada@example.com',
  'mail ada@example.com at https://example.com/a:b',
  'order 4111111111111112 shipped',
  'id 12345678-1234-4123-8123-123456789012',
  'at 2025-11-04T10:00:00.123Z, 1762250400123 ms',
  '0.4111111111111111',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'cookie: not found',
  'task-4111',
])('%s stays as it is', (given) => {
  expect(text(given)).toBe(given)
})

test('a policy knows further keys, exceptions and patterns', () => {
  const policy = createRedactionPolicy({
    keys: ['customer name', 'IBAN', 'пароль'],
    exceptKeys: ['pageToken'],
    patterns: [{ name: 'employee number', pattern: /\bE-\d{5}\b/g, replacement: 'E-…' }],
  })
  const value = {
    customerName: 'a',
    customer_name_short: 'b',
    iban: 'DE',
    'старый пароль': 'x',
    page_token: 't',
    by: 'E-12345',
  }
  expect(redact(value, policy)).toEqual({
    customerName: '[redacted]',
    customer_name_short: '[redacted]',
    iban: '[redacted]',
    'старый пароль': '[redacted]',
    page_token: 't',
    by: 'E-…',
  })
  expect(redact({ password: 'x' }, policy)).toEqual({ password: '[redacted]' })
  expect(redact({ iban: 'DE', page_token: 't' }, defaultRedaction)).toEqual({
    iban: 'DE',
    page_token: '[redacted]',
  })
})

test('a policy with an empty key or a pattern that stops at its first find is refused', () => {
  expect(thrownBy(() => createRedactionPolicy({ keys: ['--'] }))).toMatchObject({
    code: 'invalid_configuration',
    message: 'redaction key "--" names no key: give letters or digits',
  })
  expect(
    thrownBy(() => createRedactionPolicy({ patterns: [{ name: 'x', pattern: /x/, replacement: '' }] })),
  ).toMatchObject({
    code: 'invalid_configuration',
    message: 'redaction pattern "x" (/x/) finds only the first secret: give it the flag g',
  })
})

test.each([
  'eyJ-'.repeat(64_000),
  'a://b:'.repeat(40_000),
  '://:'.repeat(64_000),
  'password="'.repeat(25_000),
  "password='".repeat(25_000),
  'bearer '.repeat(36_000),
  'authorization: '.repeat(17_000),
  'cookie: '.repeat(32_000),
  '-----BEGIN '.repeat(23_000),
  '-----BEGIN PRIVATE KEY-----'.repeat(9_000),
  '4 '.repeat(128_000),
  '4'.repeat(256_000),
  'sk-'.repeat(85_000),
  ' '.repeat(256_000),
  'a'.repeat(256_000),
])('256 KB of %.12s… are done with in good time', (hostile) => {
  // What it works, and not what it waits while others are at work.
  const before = process.cpuUsage()
  text(hostile)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(2_000)
})

import { expect, it } from 'vitest'
import { roleSettings } from './role-settings.ts'

const all = ['api', 'ingest', 'clock', 'seal', 'retain']

it('a process does everything unless it is said what, and takes from a stream where one is named', () => {
  expect([...roleSettings({}, {}).roles]).toEqual(all)
  expect(roleSettings({}, { STEPTRAIL_ROLES: '', NATS_URL: '' })).toEqual({
    roles: new Set(all),
    stream: undefined,
  })
  expect(roleSettings({}, { NATS_URL: 'nats://a', STEPTRAIL_NATS_STREAM: 's' }).stream).toEqual({
    servers: 'nats://a',
    stream: 's',
  })
})

it('a flag wins over a variable', () => {
  const env = { STEPTRAIL_ROLES: 'api', NATS_URL: 'nats://a' }
  const { roles, stream } = roleSettings({ roles: 'clock, ingest', nats: 'nats://b' }, env)
  expect([...roles]).toEqual(['clock', 'ingest'])
  expect(stream?.servers).toBe('nats://b')
  expect(roleSettings({ roles: 'clock' }, env).stream).toBeUndefined()
})

it.each(['apis', 'api,', ' '])('there is no role %j', (roles) => {
  expect(() => roleSettings({ roles }, {})).toThrow(/give some of api, ingest, clock, seal, retain/)
})

it('nothing is taken from a stream that is not named', () => {
  expect(() => roleSettings({ roles: 'ingest' }, {})).toThrow(
    /name the nodes of NATS with --nats or NATS_URL/,
  )
})

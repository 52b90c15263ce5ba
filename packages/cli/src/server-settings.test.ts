import { describe, expect, it } from 'vitest'
import { listenSettings } from './server-settings.ts'

describe('where a server listens', () => {
  it.each([
    [{}, {}, {}],
    [{}, { STEPTRAIL_HOST: '', STEPTRAIL_PORT: '' }, {}],
    [{}, { STEPTRAIL_HOST: '0.0.0.0', STEPTRAIL_PORT: '8080' }, { host: '0.0.0.0', port: 8080 }],
    [
      { host: '::1', port: 0 },
      { STEPTRAIL_HOST: '0.0.0.0', STEPTRAIL_PORT: '8080' },
      { host: '::1', port: 0 },
    ],
  ])('%j and %j mean %j', (flags, env, where) => {
    expect(listenSettings(flags, env)).toEqual(where)
  })

  it.each(['65536', '0x1f90', '8e3', '80.0', '-1', 'http', ' '])('%j is no port', (port) => {
    expect(() => listenSettings({}, { STEPTRAIL_PORT: port })).toThrow(
      `the port is ${JSON.stringify(port)}: give a whole number from 0 to 65535`,
    )
  })
})

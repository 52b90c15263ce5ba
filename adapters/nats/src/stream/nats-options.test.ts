import { describe, expect, it } from 'vitest'
import { addressOf } from './nats-options.ts'
import { placesOf } from './stream-places.ts'

describe('the servers', () => {
  it('are told as URLs, with commas or in a list, and have the port of NATS unless they say another', () => {
    const { hosts, login } = addressOf({ servers: 'nats://a.example, tls://b.example:4223,c.example' })
    expect(hosts).toEqual(['a.example:4222', 'b.example:4223', 'c.example:4222'])
    expect(login).toEqual({ tls: {} })
    expect(addressOf({ servers: ['nats://[::1]:4224'] }).hosts).toEqual(['[::1]:4224'])
  })

  it('are entered with the user or the token of the first that has one', () => {
    expect(addressOf({ servers: 'nats://a.example,nats://me:p@b.example' }).login).toEqual({
      user: 'me',
      pass: 'p',
    })
    expect(addressOf({ servers: 'nats://me:p%40ss@a.example' }).login).toEqual({ user: 'me', pass: 'p@ss' })
    expect(addressOf({ servers: 'nats://s3cr3t@a.example' }).login).toEqual({ token: 's3cr3t' })
  })

  it.each(['', ' , ', 'http://a.example', 'nats://'])('are refused as %j', (servers) => {
    expect(() => addressOf({ servers })).toThrow(/give URLs such as/)
  })

  it('are refused without telling the password', () => {
    expect(() => addressOf({ servers: 'nats://me:secret%@a.example' })).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.not.stringContaining('secret') as string,
      }),
    )
    expect(() => addressOf({ servers: 'ftp://me:secret@a.example' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') as string }),
    )
  })

  it.each([
    'me:secret/2@a.example',
    'nats://me:secret,2@a.example',
    'nats://me:1/secret@a.example',
    'nats://me:1?secret@a.example',
    'nats://me:1#secret@a.example',
    'nats://:secret@a.example',
  ])('are refused as %s without telling any part of the password', (servers) => {
    expect(() => addressOf({ servers })).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.not.stringContaining('secret') as string,
      }),
    )
  })
})

it.each(['', 'a.b', 'a b', 'a*', 'x'.repeat(65)])('a stream is not called %j', (stream) => {
  expect(() => placesOf(stream)).toThrow(/give 1 to 64 letters/)
})

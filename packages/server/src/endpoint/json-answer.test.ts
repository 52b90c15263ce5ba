import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compressedFrom, jsonAnswer } from './json-answer.ts'

const long = {
  events: Array.from({ length: 400 }, (_, index) => ({ index, status: 'SUCCESS', step: 'pick' })),
}

const asked = (acceptEncoding: string | null, method = 'GET'): Request =>
  new Request('http://localhost/api/v1/audit/events', {
    method,
    headers: acceptEncoding === null ? {} : { 'accept-encoding': acceptEncoding },
  })

describe('an answer in JSON', () => {
  it('is compressed for who takes it so, and the same then', async () => {
    const response = await jsonAnswer(asked('gzip, deflate, br'), long, 200)
    expect(response.headers.get('content-encoding')).toBe('gzip')
    const bytes = Buffer.from(await response.arrayBuffer())
    const text = JSON.stringify(long)
    expect(text.length).toBeGreaterThan(compressedFrom)
    expect(bytes.length).toBeLessThan(text.length / 5)
    expect(gunzipSync(bytes).toString('utf8')).toBe(text)
  })

  it.each([
    ['who takes none', asked(null), long],
    ['who refuses it', asked('br, gzip;q=0'), long],
    ['who writes', asked('gzip', 'POST'), long],
    ['what is short', asked('gzip'), { created: 1 }],
  ])('is sent as it is to %s', async (_, request, value) => {
    const response = await jsonAnswer(request, value, 201)
    expect(response.status).toBe(201)
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(response.headers.get('vary')).toBe('accept-encoding')
    expect(await response.json()).toEqual(value)
  })
})

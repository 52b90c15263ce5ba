import { createServer } from 'node:http'
import { releaseAfterTest } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { listenOn } from './listen-on.ts'

function serverOfTest(): ReturnType<typeof createServer> {
  const server = createServer()
  releaseAfterTest(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return server
}

describe('listening', () => {
  it('says where', async () => {
    const { host, port, url } = await listenOn(serverOfTest(), { host: '127.0.0.1', port: 0 })
    expect({ host, url }).toEqual({ host: '127.0.0.1', url: `http://127.0.0.1:${port}` })
  })

  it('says what is in the way, and what to do, where it cannot', async () => {
    const { port } = await listenOn(serverOfTest(), { host: '127.0.0.1', port: 0 })
    await expect(listenOn(serverOfTest(), { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'address_unavailable',
      message: `cannot listen on 127.0.0.1, port ${port} (EADDRINUSE): something listens there already: stop that, or choose another port`,
    })
    await expect(listenOn(serverOfTest(), { host: '203.0.113.7', port: 0 })).rejects.toMatchObject({
      code: 'address_unavailable',
      details: { host: '203.0.113.7', cause: 'EADDRNOTAVAIL' },
    })
  })
})

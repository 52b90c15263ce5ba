import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { carefully, carefulLogger } from './carefully.ts'

const said = vi.fn<(message: string, cause: unknown) => void>()
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(said)
})
afterEach(() => {
  said.mockClear()
})

describe('a callback of somebody else', () => {
  it('is told what it is to be told', () => {
    const heard = vi.fn<(message: string, cause: number) => void>()
    carefully(heard)('lost', 7)
    expect(heard.mock.calls).toEqual([['lost', 7]])
    expect(said).not.toHaveBeenCalled()
  })

  it('may throw: that is said on the console', () => {
    const cause = new Error('the log server is away')
    carefully(() => {
      throw cause
    })()
    expect(said.mock.calls).toEqual([[expect.stringContaining('the work goes on'), cause]])
  })

  it('may reject: that is said as well, and ends no process', async () => {
    const cause = new Error('the log server is away')
    carefully(async () => {
      await Promise.resolve()
      throw cause
    })()
    await vi.waitFor(() => expect(said.mock.lastCall?.[1]).toBe(cause))
  })

  it('keeps what it is called on, as a logger', () => {
    class Counting {
      count = 0
      warn(): void {
        this.count += 1
      }
      error(): void {
        this.count += 1
        throw new Error('full')
      }
    }
    const logger = new Counting()
    carefulLogger(logger).warn('lost', {})
    carefulLogger(logger).error('lost', {})
    expect(logger.count).toBe(2)
    expect(said).toHaveBeenCalledOnce()
  })
})

import { describe, expect, it } from 'vitest'
import { createKeepingStorage, type KeepingStorage } from './keeping-storage.ts'

const inMemory = (texts = new Map<string, string>()): KeepingStorage => ({
  getItem: (name) => texts.get(name) ?? null,
  setItem: (name, text) => void texts.set(name, text),
  removeItem: (name) => void texts.delete(name),
})

const refuse = (): never => {
  throw new DOMException('Access is denied for this document.', 'SecurityError')
}

describe('what a browser keeps', () => {
  it('is kept by the browser where it does', () => {
    const own = inMemory()
    const storage = createKeepingStorage(() => own)
    storage.setItem('name', 'text')
    expect([own.getItem('name'), storage.getItem('name')]).toEqual(['text', 'text'])
    own.setItem('name', 'from another tab')
    expect(storage.getItem('name')).toBe('from another tab')
    storage.removeItem('name')
    expect([own.getItem('name'), storage.getItem('name')]).toEqual([null, null])
  })

  it('is kept by the page where the browser blocks it', () => {
    const storage = createKeepingStorage(refuse)
    expect(storage.getItem('name')).toBeNull()
    storage.setItem('name', 'text')
    expect(storage.getItem('name')).toBe('text')
    storage.removeItem('name')
    expect(storage.getItem('name')).toBeNull()
  })

  it('is what was given last where the browser is full', () => {
    const own = { ...inMemory(new Map([['name', 'before']])), setItem: refuse }
    const storage = createKeepingStorage(() => own)
    storage.setItem('name', 'text')
    expect(storage.getItem('name')).toBe('text')
  })
})

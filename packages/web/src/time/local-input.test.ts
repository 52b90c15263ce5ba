import { describe, expect, it } from 'vitest'
import { fromLocalInput, toLocalInput } from './local-input.ts'

describe('an input for local times', () => {
  it('gives back the instant that it was given, whatever the zone', () => {
    expect(fromLocalInput(toLocalInput('2025-11-04T10:20:30.000Z', 'first'))).toBe('2025-11-04T10:20:30.000Z')
  })

  it('takes a date alone for the whole of that day', () => {
    expect(fromLocalInput(toLocalInput('2025-11-04', 'first'))).toBe('2025-11-04T00:00:00.000Z')
    expect(fromLocalInput(toLocalInput('2025-11-04', 'last'))).toBe('2025-11-04T23:59:59.000Z')
  })

  it('shows a time without an offset as the UTC that the server takes it for, and every year with four digits', () => {
    expect(fromLocalInput(toLocalInput('2025-11-04T10:20:30', 'first'))).toBe('2025-11-04T10:20:30.000Z')
    expect(toLocalInput('0202-11-04T10:20:30Z', 'first')).toMatch(/^0202-11-0/)
  })

  it('is empty for what is no time, and says nothing when it is empty', () => {
    expect([
      toLocalInput(undefined, 'first'),
      toLocalInput('yesterday', 'first'),
      fromLocalInput(''),
    ]).toEqual(['', '', undefined])
  })
})

import { expect, test } from 'vitest'
import { formatBytes, formatCount } from './bytes.ts'

test('sizes are told with the unit that keeps them short', () => {
  expect([0, 1, 1023, 1024, 1536, 20_000, 5 * 1024 ** 2, 3 * 1024 ** 3].map(formatBytes)).toEqual([
    '0 B',
    '1 B',
    '1023 B',
    '1.0 KB',
    '1.5 KB',
    '20 KB',
    '5.0 MB',
    '3.0 GB',
  ])
})

test('numbers have their thousands marked', () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567'])
})

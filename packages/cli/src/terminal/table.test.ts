import { describe, expect, it } from 'vitest'
import { type Column, drawTable } from './table.ts'
import { terminalOf } from './terminal.ts'

const columns: readonly Column[] = [
  { title: 'id' },
  { title: 'name', gives: 1 },
  { title: 'note', gives: 2, least: 10 },
  { title: 'count', align: 'right' },
]
const rows = [
  [
    { text: '1' },
    { text: 'createDefaultUser' },
    { text: 'a remark of some length, 36 columns!' },
    { text: '7' },
  ],
  [{ text: '22' }, { text: '日本' }, { text: '' }, { text: '1234' }],
]
const wide = terminalOf({ columns: 100 }, {})
const narrow = terminalOf({ columns: 60 }, {})

describe('a table', () => {
  it('lines its columns up, whatever their characters', () => {
    expect(drawTable(columns, rows, wide)).toEqual([
      'id  name               note                                  count',
      '1   createDefaultUser  a remark of some length, 36 columns!      7',
      '22  日本                                                      1234',
    ])
  })

  it('cuts first what gives way first, and never what does not', () => {
    expect(drawTable(columns, rows, narrow)).toEqual([
      'id  name               note                            count',
      '1   createDefaultUser  a remark of some length, 36 c…      7',
      '22  日本                                                1234',
    ])
  })

  it('leaves out what has no room', () => {
    const tight = { ...narrow, width: 38 }
    expect(drawTable(columns, rows, tight)).toEqual([
      'id  name               count',
      '1   createDefaultUser      7',
      '22  日本                1234',
    ])
    expect(drawTable(columns, rows, { ...narrow, width: 20 })[1]).toBe('1       7')
  })

  it('folds titles where that spares a column from being cut', () => {
    const counts = ['success rate before', 'success rate after', 'successful after retry'].map(
      (title): Column => ({ title, align: 'right' }),
    )
    const row = ['98.5 %', '85.6 %', '7,800', 'tenant-provisioning'].map((text) => ({ text }))
    const all = [...counts, { title: 'workflow', gives: 1, least: 10 }]
    expect(drawTable(all, [row], narrow)).toEqual([
      '    success     success   successful  workflow',
      'rate before  rate after  after retry',
      '     98.5 %      85.6 %        7,800  tenant-provisioning',
    ])
  })

  it('cuts every text before it leaves one out', () => {
    const texts = [
      { title: 'workflow', gives: 2, least: 10 },
      { title: 'action', gives: 1, least: 9 },
    ]
    const row = [{ text: 'tenant-provisioning' }, { text: 'createDefaultUser' }]
    expect(drawTable(texts, [row], { ...narrow, width: 25 })[1]).toBe('tenant-pr…  createDefaul…')
  })

  it('goes on below where a text wraps', () => {
    const wrapping = [{ title: 'id' }, { title: 'errors', gives: 1, least: 10, wraps: true }]
    const row = [{ text: '1' }, { text: 'createClient: no answer after <n> ms' }]
    expect(drawTable(wrapping, [row], { ...narrow, width: 24 })).toEqual([
      'id  errors',
      '1   createClient: no',
      '    answer after <n> ms',
    ])
  })

  it('shows a text as text', () => {
    const [, row] = drawTable(
      [{ title: 'text' }],
      [[{ text: `${String.fromCodePoint(27)}[2Jtwo\nlines` }]],
      wide,
    )
    expect(row).toBe('two lines')
  })

  it('paints cells without losing their width', () => {
    const painted = terminalOf({ columns: 100 }, { FORCE_COLOR: '1' })
    const [, row = ''] = drawTable(
      columns,
      [[{ text: '1' }, { text: 'x', styles: ['red'] }, { text: 'y' }]],
      painted,
    )
    expect(row.replaceAll(/[^ -~]\[\d+m/g, '')).toBe('1   x     y')
    expect(row).toContain('[31mx')
  })
})

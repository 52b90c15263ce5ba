import { describe, expect, it } from 'vitest'
import { terminalOf } from './terminal.ts'

const screen = { isTTY: true, columns: 80 }
const file = {}

describe('colours', () => {
  it.each([
    ['a terminal', screen, {}, true],
    ['a file', file, {}, false],
    ['a dumb terminal', screen, { TERM: 'dumb' }, false],
    ['NO_COLOR', screen, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', screen, { NO_COLOR: '' }, true],
    ['FORCE_COLOR into a file', file, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', screen, { FORCE_COLOR: '0' }, false],
    ['NO_COLOR against FORCE_COLOR', screen, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('with %s', (...[, stream, env, colored]) => {
    const painted = terminalOf(stream, env).paint(['bold', 'red'], 'text')
    expect(painted).toBe(colored ? '\u001b[1m\u001b[31mtext\u001b[39m\u001b[22m' : 'text')
  })

  it('leave empty text empty', () => {
    expect(terminalOf(screen, {}).paint('red', '')).toBe('')
  })
})

describe('the character set', () => {
  it.each([
    ['no locale', {}, true],
    ['UTF-8', { LANG: 'de_DE.UTF-8' }, true],
    ['Latin-1', { LANG: 'de_DE.ISO-8859-1' }, false],
    ['LC_ALL before LANG', { LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
    ['the Linux console', { TERM: 'linux', LANG: 'de_DE.UTF-8' }, false],
  ])('with %s', (_, env, unicode) => {
    expect(terminalOf(screen, env).unicode).toBe(unicode)
  })
})

describe('the width', () => {
  it('is that of the terminal, else COLUMNS, else 100, and never less than 60', () => {
    expect(terminalOf(screen, { COLUMNS: '120' }).width).toBe(80)
    expect(terminalOf(file, { COLUMNS: '120' }).width).toBe(120)
    expect(terminalOf(file, { COLUMNS: 'wide' }).width).toBe(100)
    expect(terminalOf({ isTTY: true, columns: 20 }, {}).width).toBe(60)
  })
})

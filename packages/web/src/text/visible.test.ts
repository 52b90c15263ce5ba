import { describe, expect, it } from 'vitest'
import { visible } from './visible.ts'

describe('recorded text', () => {
  it('shows what turns the direction of writing, and what is not seen', () => {
    expect(visible('invoice\u202Efdp.exe')).toBe('invoice⟨U+202E⟩fdp.exe')
    expect(visible('a\u200Bb\u0007c\uFEFF')).toBe('a⟨U+200B⟩b⟨U+0007⟩c⟨U+FEFF⟩')
  })

  it('leaves lines, tabs, and every script of the world as they are', () => {
    const text = 'line\n\tשלום мир 你好 🧾 <script>'
    expect(visible(text)).toBe(text)
  })
})

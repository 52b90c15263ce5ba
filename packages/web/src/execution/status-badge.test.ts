import { readFile } from 'node:fs/promises'
import { executionStates } from '@steptrail/workflow/states'
import { expect, it } from 'vitest'

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

it('a status can be read on its own colour, whatever it is, light and dark', async () => {
  const badge = await read('status-badge.module.css')
  const colours = await read('../application/application.css')
  for (const status of executionStates) {
    const own = badge.match(new RegExp(`\\[data-status='${status}'\\][^{]*\\{\\s*--tone: ([^;]+);`))?.[1]
    const tones = pairOf(own ?? 'var(--faint)', colours)
    expect(contrastOfTint(tones.light, white), `${status}, light`).toBeGreaterThanOrEqual(4.5)
    expect(contrastOfTint(tones.dark, darkest), `${status}, dark`).toBeGreaterThanOrEqual(4.5)
  }
})

type Colour = readonly [red: number, green: number, blue: number]

const white: Colour = [255, 255, 255]
/** What Mantine has behind a dark page. */
const darkest: Colour = [36, 36, 36]

function pairOf(tone: string, colours: string): { readonly light: Colour; readonly dark: Colour } {
  const name = tone.match(/var\((--\w+)\)/)?.[1]
  const value = name === undefined ? tone : (colours.match(new RegExp(`${name}: ([^;]+);`))?.[1] ?? '')
  const [light = '', dark = ''] = value.match(/#[0-9a-f]{6}/g) ?? []
  return { light: colourOf(light), dark: colourOf(dark) }
}

const colourOf = (hex: string): Colour => [at(hex, 1), at(hex, 3), at(hex, 5)]

const at = (hex: string, place: number): number => Number.parseInt(hex.slice(place, place + 2), 16)

/** Of a colour on 11 % of itself, as the style sheet mixes it. */
function contrastOfTint(colour: Colour, behind: Colour): number {
  const tint = behind.map((part, index) => part * 0.89 + (colour[index] ?? 0) * 0.11)
  const [less = 0, more = 0] = [luminance(colour), luminance(tint)].toSorted((a, b) => a - b)
  return (more + 0.05) / (less + 0.05)
}

/** As the guidelines for accessible content define it. */
function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) =>
    part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

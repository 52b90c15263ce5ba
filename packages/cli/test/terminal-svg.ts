import stringWidth from 'string-width'

const cell = { width: 8.2, height: 18 } as const
const padding = 16

/** What a dark terminal makes of the colours that the program uses. */
const colours: Readonly<Record<string, string>> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '35': '#d2a8ff',
  '36': '#76e3ea',
}

/** The escape sequence of a style. */
const style = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`)

interface Run {
  readonly text: string
  readonly column: number
  readonly codes: ReadonlySet<string>
}

/**
 * Lines of a terminal as a picture. Each run of text stands at its column and has the width of its columns, whatever
 * font the reader has.
 *
 * @param lines may hold escape sequences for colours, bold and dim, and no others
 */
export function terminalSvg(lines: readonly string[], title: string): string {
  const rows = lines.map(runsOf)
  const columns = Math.max(
    ...rows.flatMap((runs) => runs.map(({ text, column }) => column + stringWidth(text))),
  )
  const width = Math.ceil(columns * cell.width + 2 * padding)
  const height = lines.length * cell.height + 2 * padding
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13.6" xml:space="preserve">`,
    ...rows.flatMap((runs, row) => runs.map((run) => drawRun(run, padding + row * cell.height + 13))),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

function drawRun({ text, column, codes }: Run, y: number): string {
  const colour = [...codes].map((code) => colours[code]).find((found) => found !== undefined) ?? '#e6edf3'
  const attributes = [
    `x="${rounded(padding + column * cell.width)}" y="${y}"`,
    `textLength="${rounded(stringWidth(text) * cell.width)}" lengthAdjust="spacingAndGlyphs"`,
    `fill="${colour}"`,
    ...(codes.has('1') ? ['font-weight="bold"'] : []),
    ...(codes.has('2') ? ['opacity="0.65"'] : []),
  ]
  return `<text ${attributes.join(' ')}>${escaped(text)}</text>`
}

/** The runs of a line that have something to show. */
function runsOf(line: string): readonly Run[] {
  const runs: Run[] = []
  const codes = new Set<string>()
  let column = 0
  for (const [index, part] of line.split(style).entries()) {
    if (index % 2 === 1) {
      for (const code of part.split(';')) apply(code, codes)
      continue
    }
    for (const [text] of part.matchAll(/ +|[^ ]+(?: [^ ]+)*/g)) {
      if (text.trim() !== '') runs.push({ text, column, codes: new Set(codes) })
      column += stringWidth(text)
    }
  }
  return runs
}

function apply(code: string, codes: Set<string>): void {
  if (code === '0' || code === '') codes.clear()
  else if (code === '22') ['1', '2'].forEach((each) => codes.delete(each))
  else if (code === '39') Object.keys(colours).forEach((each) => codes.delete(each))
  else if (code === '1' || code === '2' || code in colours) codes.add(code)
  else throw new Error(`the picture knows nothing of the escape code ${code}`)
}

const rounded = (length: number): string => String(Math.round(length * 10) / 10)

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

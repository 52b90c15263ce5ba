import { styleText } from 'node:util'

/** The styles this program uses, named by what they are used for nowhere: a plain palette. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta'

/** What text may be drawn with. */
export interface Terminal {
  /** Columns a line may take. */
  readonly width: number
  /** Whether line drawing, blocks and arrows may be used; else plain ASCII. */
  readonly unicode: boolean
  /** Whether a person looks at it now: lines may be rewritten, progress shown. */
  readonly interactive: boolean
  /** Puts `text` in these styles, or returns it as it is where colours are not wanted. */
  readonly paint: (styles: Style | readonly Style[], text: string) => string
}

/** As much of a stream as is needed to know what it can show. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

const widthWithoutTerminal = 100
const narrowest = 60

/**
 * What this stream can show. Colours: `NO_COLOR` (not empty) turns them off, `FORCE_COLOR` on (`0` or
 * `false`: off), else they are for terminals that are not `TERM=dumb`. ASCII where the locale names another
 * character set than UTF-8. Width: the terminal's, else `COLUMNS`, else 100; never less than 60.
 */
export function terminalOf(stream: OutputStream, env: Environment): Terminal {
  const color = wantsColor(stream, env)
  return {
    width: Math.max(narrowest, stream.columns || Number(env['COLUMNS']) || widthWithoutTerminal),
    unicode: speaksUnicode(env),
    interactive: stream.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'],
    paint: (styles, text) =>
      color && text !== ''
        ? styleText(typeof styles === 'string' ? styles : [...styles], text, { validateStream: false })
        : text,
  }
}

function wantsColor(stream: OutputStream, env: Environment): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

function speaksUnicode(env: Environment): boolean {
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') return false
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  return !locale || /utf-?8/i.test(locale)
}

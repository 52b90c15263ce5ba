import { defaultSpoolDirectory } from '@steptrail/recorder/node'
import type { Command } from 'commander'
import { exitCodes } from './exit-code.ts'
import { createProgram } from './program.ts'
import { settings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

const generated =
  '<!-- Made from `packages/cli/src`. Do not edit: run `npx vitest run packages/cli/src/reference-page.test.ts --update`. -->'

/** The page `docs/reference/configuration.md`: every setting, in Markdown. */
export function configurationPage(): string {
  return paragraphs([
    generated,
    '# Configuration',
    'The command line reads these variables. A flag wins over its variable; an empty variable counts as not set; an unknown `STEPTRAIL_…` variable is a warning, a value that cannot be read an error. The libraries read no variables: what they need are arguments.',
    table(
      ['variable', 'flag', 'default', 'meaning'],
      settings.map(({ variable, flag, fallback, meaning }) => [
        code(variable),
        flag === null ? '' : code(flag),
        fallback,
        meaning,
      ]),
    ),
    '## Recording',
    'A service that records hands these variables on, as in `createTrail(database, { recorder: recorderOptionsFromEnv() })`; nothing reads them otherwise. A value that cannot be read is an error, `invalid_configuration`, that names the variable, the value and what is allowed.',
    table(
      ['variable', 'default', 'meaning'],
      recordingVariables.map(({ variable, fallback, meaning }) => [code(variable), fallback, meaning]),
    ),
    '## The terminal',
    'Colours: none with `NO_COLOR`, into a file, or on a `TERM=dumb`; always with `FORCE_COLOR`. Where the locale names another character set than UTF-8, drawings are plain ASCII.',
  ])
}

/** The page `docs/reference/command-line.md`: every command with its options and examples, and the exit codes. */
export async function commandLinePage(): Promise<string> {
  const nowhere: Surroundings = {
    stdin: (async function* () {})(),
    stdout: { columns: 100, write: () => undefined },
    stderr: { columns: 100, write: () => undefined },
    env: {},
    signal: new AbortController().signal,
    openDatabase: () => Promise.reject(new Error('a reference page needs no database')),
  }
  const program = await createProgram(nowhere, { exitCode: 'done' })
  return paragraphs([
    generated,
    '# Command line',
    'Results go to standard output; progress, warnings and errors to standard error. With `--json` the result is one JSON document and nothing else (`events --follow`: one event a line), and an error is `{ "error": { "code", "message", "action" } }` on standard error.',
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.values(exitCodes).map(({ code: number, meaning }) => [String(number), meaning]),
    ),
    ...leavesOf(program).flatMap(({ path, command }) => [
      `## \`steptrail ${path}\``,
      `\`\`\`text\n${helpOf(command)}\n\`\`\``,
    ]),
  ])
}

/** What `recorderOptionsFromEnv` reads. */
const recordingVariables = [
  {
    variable: 'AUDIT_LOGGING_ENABLED',
    fallback: 'true',
    meaning:
      '`false`: nothing is recorded in the background, and each event is counted as dropped, `disabled`.',
  },
  {
    variable: 'AUDIT_LOGGING_ASYNC',
    fallback: 'true',
    meaning:
      '`false`: there are no batches. Each event is written as it comes, and `flush()` waits for those under way.',
  },
  {
    variable: 'AUDIT_LOGGING_QUEUE_SIZE',
    fallback: '1000',
    meaning: 'How many events may be in memory. In code, without this variable, it is 10,000.',
  },
  {
    variable: 'STEPTRAIL_SPOOL_DIR',
    fallback: defaultSpoolDirectory,
    meaning:
      'Where events are kept while the database is away. Without it, with the embedded database: `spool` in its directory.',
  },
] as const

interface Leaf {
  readonly path: string
  readonly command: Command
}

const leavesOf = (parent: Command, path: readonly string[] = []): readonly Leaf[] =>
  parent.commands.flatMap((command) => {
    const own = [...path, command.name()]
    return command.commands.length > 0 ? leavesOf(command, own) : [{ path: own.join(' '), command }]
  })

/** What `--help` prints, examples included. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 })
  command.outputHelp()
  return text.trimEnd()
}

const code = (text: string): string => `\`${text}\``
const paragraphs = (parts: readonly string[]): string => `${parts.join('\n\n')}\n`
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

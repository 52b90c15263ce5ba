import { Command } from 'commander'
import type { RunEnd } from './commands/run-end.ts'
import { exitCodes } from './exit-code.ts'
import { packageVersion } from './package-version.ts'
import { settings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

type AddCommand = (program: Command, surroundings: Surroundings, end: RunEnd) => void

/** By name, in the order of the help; each is loaded when it is wanted, since together they take a second. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  demo: async () => (await import('./commands/demo.ts')).addDemo,
  serve: async () => (await import('./commands/serve.ts')).addServe,
  migrate: async () => (await import('./commands/migrate.ts')).addMigrate,
  grants: async () => (await import('./commands/grants.ts')).addGrants,
  start: async () => (await import('./commands/start.ts')).addStart,
  act: async () => (await import('./commands/act.ts')).addAct,
  executions: async () => (await import('./commands/executions.ts')).addExecutions,
  events: async () => (await import('./commands/events.ts')).addEvents,
  report: async () => (await import('./commands/report.ts')).addReport,
  catalog: async () => (await import('./commands/catalog.ts')).addCatalog,
  mcp: async () => (await import('./commands/mcp.ts')).addMcp,
  retention: async () => (await import('./commands/retention.ts')).addRetention,
  hold: async () => (await import('./commands/hold.ts')).addHold,
  export: async () => (await import('./commands/export.ts')).addExport,
  keys: async () => (await import('./commands/keys.ts')).addKeys,
  import: async () => (await import('./commands/import.ts')).addImport,
  move: async () => (await import('./commands/move.ts')).addMove,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  spool: async () => (await import('./commands/spool.ts')).addSpool,
  'dead-letters': async () => (await import('./commands/dead-letters.ts')).addDeadLetters,
  seal: async () => (await import('./commands/seal.ts')).addSeal,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  evidence: async () => (await import('./commands/evidence.ts')).addEvidence,
  erase: async () => (await import('./commands/erase.ts')).addErase,
  log: async () => (await import('./commands/log.ts')).addLog,
  witness: async () => (await import('./commands/witness.ts')).addWitness,
}

/**
 * The program with the command that the arguments begin with, or with all where they begin with none. It reads
 * and writes nothing but its surroundings; what it throws instead of exiting is a CommanderError, or the error that ended a command. A command that was done and whose answer is
 * no says so to `end`.
 */
export async function createProgram(
  surroundings: Surroundings,
  end: RunEnd,
  args: readonly string[] = [],
): Promise<Command> {
  const { stdout, stderr } = surroundings
  const program = new Command('steptrail')
    .description('The audit trail for automated workflows.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(end.asJson ? usageFailure(text) : usageText(text)),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', footer())
  for (const load of wantedBy(args)) (await load())(program, surroundings, end)
  return program
}

function wantedBy([first = '']: readonly string[]): readonly (() => Promise<AddCommand>)[] {
  if (first === '--version') return []
  const load = Object.hasOwn(commands, first) ? commands[first] : undefined
  return load ? [load] : Object.values(commands)
}

/** What the parser says of wrong usage, in the form that every error has for programs. */
function usageFailure(text: string): string {
  const message = text.trim().replace(/^error: /, '')
  return `${JSON.stringify({ error: { code: 'usage', message, action: actionFor(text) } })}\n`
}

const usageText = (text: string): string => `${text.trimEnd()}\n       ${actionFor(text)}\n`

/** An evidence pack after `verify` is what everybody types first. */
const actionFor = (text: string): string =>
  text.includes("too many arguments for 'verify'")
    ? 'An evidence pack is given with --offline: steptrail verify --offline FILE'
    : 'See the --help of the command.'

function footer(): string {
  const width = Math.max(...settings.map(({ variable }) => variable.length))
  const variables = settings.map(
    ({ variable, meaning, fallback }) => `  ${variable.padEnd(width)}  ${meaning} Default: ${fallback}.`,
  )
  const codes = Object.values(exitCodes).map(
    ({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`,
  )
  return `\nSettings (a flag wins over its variable):\n${variables.join('\n')}\n\nExit codes:\n${codes.join('\n')}`
}

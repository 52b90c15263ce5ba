import { Command } from 'commander'
import { addAct } from './commands/act.ts'
import { addCatalog } from './commands/catalog.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addErase } from './commands/erase.ts'
import { addEvents } from './commands/events.ts'
import { addEvidence } from './commands/evidence.ts'
import { addExecutions } from './commands/executions.ts'
import { addExport } from './commands/export.ts'
import { addGrants } from './commands/grants.ts'
import { addHold } from './commands/hold.ts'
import { addKeys } from './commands/keys.ts'
import { addLog } from './commands/log.ts'
import { addMcp } from './commands/mcp.ts'
import { addMigrate } from './commands/migrate.ts'
import { addMove } from './commands/move.ts'
import { addReport } from './commands/report.ts'
import { addRetention } from './commands/retention.ts'
import { addSeal } from './commands/seal.ts'
import { addServe } from './commands/serve.ts'
import { addSpool } from './commands/spool.ts'
import { addStart } from './commands/start.ts'
import { addVerify } from './commands/verify.ts'
import { addWitness } from './commands/witness.ts'
import type { RunEnd } from './commands/run-end.ts'
import { exitCodes } from './exit-code.ts'
import { packageVersion } from './package-version.ts'
import { settings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

const commands = [
  addDemo,
  addServe,
  addMigrate,
  addGrants,
  addStart,
  addAct,
  addExecutions,
  addEvents,
  addReport,
  addCatalog,
  addMcp,
  addRetention,
  addHold,
  addExport,
  addKeys,
  addMove,
  addDoctor,
  addSpool,
  addSeal,
  addVerify,
  addEvidence,
  addErase,
  addLog,
  addWitness,
] as const

/**
 * The program with all its commands. It reads and writes nothing but its surroundings; what it throws instead of
 * exiting is a CommanderError, or the error that ended a command. A command that was done and whose answer is
 * no says so to `end`.
 */
export function createProgram(surroundings: Surroundings, end: RunEnd): Command {
  const { stdout, stderr } = surroundings
  const program = new Command('steptrail')
    .description('The audit trail for automated workflows.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(end.asJson ? usageFailure(text) : text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', footer())
  for (const add of commands) add(program, surroundings, end)
  return program
}

/** What the parser says of wrong usage, in the form that every error has for programs. */
function usageFailure(text: string): string {
  const message = text.trim().replace(/^error: /, '')
  const action = 'See the --help of the command.'
  return `${JSON.stringify({ error: { code: 'usage', message, action } })}\n`
}

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

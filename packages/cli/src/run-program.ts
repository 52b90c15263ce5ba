import { CommanderError } from 'commander'
import type { RunEnd } from './commands/run-end.ts'
import { exitCodeOf, exitCodes } from './exit-code.ts'
import { tellFailure } from './failure.ts'
import { createProgram } from './program.ts'
import { checkSettings, settingWarnings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'
import { terminalOf } from './terminal/terminal.ts'

/** Runs the program with these arguments, and gives its exit code. Never rejects. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stderr, env, signal } = surroundings
  const end: RunEnd = { exitCode: 'done', asJson: args.includes('--json') }
  try {
    checkSettings(env)
    warn(surroundings)
    const program = await createProgram(surroundings, end, args)
    await program.parseAsync(args, { from: 'user' })
    return exitCodes[end.exitCode].code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage.code
    if (signal.aborted) {
      stderr.write(`${terminalOf(stderr, env).paint('yellow', 'interrupted')}\n`)
      return exitCodes.interrupted.code
    }
    tellFailure(error, surroundings, { json: end.asJson === true })
    return exitCodes[exitCodeOf(error)].code
  }
}

function warn({ stderr, env }: Surroundings): void {
  const terminal = terminalOf(stderr, env)
  for (const warning of settingWarnings(env))
    stderr.write(`${terminal.paint('yellow', 'warning')} ${warning}\n`)
}

import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { addLogRestart } from './log-restart.ts'
import { addLogRotateKey } from './log-rotate-key.ts'

/** `steptrail log`: what is seldom done to the log. */
export function addLog(program: Command, surroundings: Surroundings): void {
  const log = program.command('log').description('Restart the log, or change the key that signs it.')
  addLogRestart(log, surroundings)
  addLogRotateKey(log, surroundings)
}

import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { addLogCertificate } from './log-certificate.ts'
import { addLogRestart } from './log-restart.ts'
import { addLogRotateKey } from './log-rotate-key.ts'

/** `steptrail log`: what is seldom done to the log. */
export function addLog(program: Command, surroundings: Surroundings): void {
  const log = program
    .command('log')
    .description('Restart the log, change its key, or print the certificate of an erasure.')
  addLogRestart(log, surroundings)
  addLogRotateKey(log, surroundings)
  addLogCertificate(log, surroundings)
}

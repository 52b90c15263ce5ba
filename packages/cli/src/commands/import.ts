import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { addImportTemporal } from './import-temporal.ts'

/** `steptrail import`: what other engines have exported. */
export function addImport(program: Command, surroundings: Surroundings): void {
  const command = program.command('import').description('Put on record what another engine has exported.')
  addImportTemporal(command, surroundings)
}

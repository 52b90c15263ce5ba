import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import type { RunEnd } from './run-end.ts'
import { addSpoolInspect } from './spool-inspect.ts'
import { addSpoolReplay } from './spool-replay.ts'

/** `steptrail spool`: what recorders have kept on disk while the database was away. */
export function addSpool(program: Command, surroundings: Surroundings, end: RunEnd): void {
  const spool = program
    .command('spool')
    .description('Look at events that wait on disk for the database, and replay them.')
  addSpoolInspect(spool, surroundings)
  addSpoolReplay(spool, surroundings, end)
}

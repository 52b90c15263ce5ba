import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { addExecutionsList } from './executions-list.ts'
import { addExecutionsShow } from './executions-show.ts'

/** `steptrail executions`: what ran and what runs. */
export function addExecutions(program: Command, surroundings: Surroundings): void {
  const executions = program.command('executions').description('Look at executions.')
  addExecutionsList(executions, surroundings)
  addExecutionsShow(executions, surroundings)
}

import type { ExecutionView } from '@steptrail/core'
import { type Actor, type OperationType, TrailError } from '@steptrail/event'
import { createSaga, operatorActions, type OperatorOrder, type OrderedBy } from '@steptrail/saga'
import { Argument, type Command, Option } from 'commander'
import { type CommonFlags, withCommonOptions, withTrail, writeJson, writeLines } from '../command-scope.ts'
import { readJson } from '../json-argument.ts'
import { actorOf, wholeNumber } from '../option-values.ts'
import { secondPersonFor } from '../settings.ts'
import type { Surroundings } from '../surroundings.ts'
import { givenBy, type GivenByFlags, withGivenBy } from './given-by-options.ts'

interface Flags extends CommonFlags, GivenByFlags {
  readonly step?: string
  readonly operation?: OperationType
  readonly output?: string
  readonly timeoutMs?: number
  readonly maxRetries?: number
  readonly rollback: boolean
  readonly approvedBy?: Actor
}

/** `steptrail act`: an operator's order to an execution or to one of its steps. */
export function addAct(program: Command, surroundings: Surroundings): void {
  const command = withGivenBy(
    program
      .command('act')
      .description('Intervene in an execution. Who did it, why, and what it changed stay on record.')
      .argument('<execution>', 'its id')
      .addArgument(new Argument('<action>', 'what to do').choices(operatorActions))
      .option('--step <name>', 'the step, for retry, skip, resolve and adjust')
      .addOption(
        new Option('--operation <operation>', 'of the step: default UNDO when it has one, else DO').choices([
          'DO',
          'UNDO',
        ]),
      )
      .option('--output <json>', 'what the step yielded, for resolve: JSON, @FILE, or - for standard input')
      .option('--timeout-ms <number>', 'how long an attempt may take, for adjust', wholeNumber)
      .option('--max-retries <number>', 'retries after the first attempt, for adjust', wholeNumber)
      .option('--no-rollback', 'for cancel: leave what was done as it is'),
  ).option('--approved-by <type:id>', 'the second person who agreed', actorOf)
  withCommonOptions(command, [
    [
      'act 01a1fdb5-ad7a-7411-aed9-d5146d904434 retry --step createUser --actor user:anna --reason "mail server is back"',
      'one more attempt of a step that failed for good',
    ],
    [
      `act 01a1fdb5-ad7a-7411-aed9-d5146d904434 resolve --step charge --output '{"receipt":"R-7"}' --actor user:anna --reason "paid in cash"`,
      'go on with a result that was brought about by hand',
    ],
    [
      'act 01a1fdb5-ad7a-7411-aed9-d5146d904434 cancel --actor user:anna --reason "customer withdrew"',
      'undo what was done, and end it',
    ],
    [
      'act 01a1fdb5-ad7a-7411-aed9-d5146d904434 retry-rollback --actor user:anna --reason "lock is gone"',
      'take up a rollback that failed',
    ],
  ]).action(async (executionId: string, action: OperatorOrder['action'], flags: Flags) => {
    const order = await orderOf(action, flags, surroundings)
    const { approvedBy } = flags
    const by: OrderedBy = { ...givenBy(flags), ...(approvedBy && { approvedBy }) }
    await withTrail(flags, surroundings, async (database) => {
      const policy = { secondPersonFor: secondPersonFor(surroundings.env) }
      await using saga = await createSaga(database, { holdsClock: false, ...policy })
      const execution = await saga.act(executionId, order, by)
      if (flags.json) return writeJson(surroundings, execution)
      writeLines(surroundings, said(order, execution))
    })
  })
}

/** Throws `invalid_configuration` for an option that the action has no use for, or lacks. */
async function orderOf(
  action: OperatorOrder['action'],
  flags: Flags,
  surroundings: Surroundings,
): Promise<OperatorOrder> {
  const { step, operation, output, rollback } = flags
  const ofStep = action === 'retry' || action === 'skip' || action === 'resolve' || action === 'adjust'
  if (action !== 'adjust' && (flags.timeoutMs ?? flags.maxRetries) !== undefined)
    throw misused('--timeout-ms and --max-retries are for adjust')
  if (ofStep && step === undefined) throw misused(`${action} needs --step`)
  if (!ofStep && (step !== undefined || operation !== undefined))
    throw misused(`${action} is for the whole execution: leave --step and --operation out`)
  if (action !== 'resolve' && output !== undefined) throw misused('--output is for resolve')
  if (action !== 'cancel' && !rollback) throw misused('--no-rollback is for cancel')
  switch (action) {
    case 'retry':
    case 'skip':
      return { action, step: step ?? '', operation }
    case 'resolve': {
      const given =
        output === undefined
          ? null
          : await readJson(output, { option: '--output', code: 'invalid_output' }, surroundings)
      return { action, step: step ?? '', operation, output: given }
    }
    case 'adjust':
      return adjusting(flags)
    case 'cancel':
      return { action, rollback }
    case 'pause':
    case 'resume':
    case 'retry-rollback':
      return { action }
  }
}

function adjusting({ step = '', operation, timeoutMs, maxRetries }: Flags): OperatorOrder {
  const named = { action: 'adjust', step, operation } as const
  if (timeoutMs !== undefined && maxRetries === undefined) return { ...named, timeoutMs }
  if (maxRetries !== undefined && timeoutMs === undefined) return { ...named, maxRetries }
  throw misused('adjust needs one of --timeout-ms and --max-retries')
}

const misused = (problem: string): TrailError =>
  new TrailError('invalid_configuration', `${problem}; see steptrail act --help`)

function said(order: OperatorOrder, { executionId, status }: ExecutionView): readonly string[] {
  const what = 'step' in order ? `${order.action} of ${order.step}` : order.action
  return [
    `Done and on record: ${what}. Execution ${executionId} is ${status}.`,
    `To see it: steptrail executions show ${executionId} --events`,
  ]
}

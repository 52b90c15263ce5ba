import { type Database, getDefinition, isByDoor } from '@steptrail/core'
import { type Actor, actorTypes, toEventJson, TrailError } from '@steptrail/event'
import { createSaga, type StartedExecution, type StartOptions } from '@steptrail/saga'
import { type Command, Option } from 'commander'
import {
  type CommonFlags,
  terminalFor,
  withCommonOptions,
  withTrail,
  writeJson,
  writeLines,
} from '../command-scope.ts'
import { readExecution, timelineOfRecord } from '../execution-record.ts'
import { readJson } from '../json-argument.ts'
import { actorOf } from '../option-values.ts'
import { withProgress } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawTimeline } from '../timeline/draw.ts'
import type { RunEnd } from './run-end.ts'

interface Flags extends CommonFlags {
  readonly input: string
  readonly idempotencyKey?: string
  readonly correlationId?: string
  readonly actor?: Actor
  readonly tenant?: string
  readonly wait?: boolean
}

/** `steptrail start`: starts an execution of a workflow that a worker has registered. */
export function addStart(program: Command, surroundings: Surroundings, end: RunEnd): void {
  const command = program
    .command('start')
    .description(
      'Start an execution of a workflow. Workers perform it; they register the workflow when they start.',
    )
    .argument('<workflow>', 'its name, or name@version; without a version, the one registered last')
    .addOption(
      new Option('--input <json>', 'the input: JSON, @FILE, or - for standard input').makeOptionMandatory(),
    )
    .option('--idempotency-key <key>', 'a second start with this key gives the first execution')
    .option('--correlation-id <id>', 'ties it to others of the same cause')
    .option('--actor <type:id>', `who starts it, such as user:anna; types: ${actorTypes.join(', ')}`, actorOf)
    .option('--tenant <name>', 'the tenant it belongs to')
    .option('--wait', 'wait until it has ended; the exit code then says whether it completed')
  withCommonOptions(command, [
    [
      `start tenant-provisioning --input '{"tenant":"acme","plan":"pro","adminEmail":"a@acme.example"}'`,
      'one that this process does not wait for',
    ],
    [
      'start tenant-provisioning@1.0.0 --input @order.json --idempotency-key order-4711 --wait',
      'once, however often this is run, and to its end',
    ],
  ]).action(async (workflow: string, flags: Flags) => {
    const input = await readJson(flags.input, { option: '--input', code: 'invalid_input' }, surroundings)
    await withTrail(flags, surroundings, async (database) => {
      if (flags.wait) refuseWaitingAlone(database)
      const started = await start(database, { workflow, input, flags, surroundings })
      await tell(database, started, { flags, surroundings, end })
    })
  })
}

interface Order {
  readonly workflow: string
  readonly input: unknown
  readonly flags: Flags
  readonly surroundings: Surroundings
}

async function start(
  database: Database,
  { workflow, input, flags, surroundings }: Order,
): Promise<StartedExecution> {
  const at = workflow.lastIndexOf('@')
  const name = at > 0 ? workflow.slice(0, at) : workflow
  const version = at > 0 ? workflow.slice(at + 1) : undefined
  const definition = await getDefinition(database.query, { name, version })
  await using saga = await createSaga(database, { holdsClock: flags.wait === true })
  const started = await saga.startDefinition(definition, input, optionsOf(flags))
  if (!flags.wait) return started
  await withProgress(`Waiting for ${started.executionId}`, surroundings, () =>
    saga.waitForEnd(started.executionId, surroundings.signal),
  )
  return started
}

interface Telling {
  readonly flags: Flags
  readonly surroundings: Surroundings
  readonly end: RunEnd
}

async function tell(
  database: Database,
  { executionId, created }: StartedExecution,
  { flags, surroundings, end }: Telling,
): Promise<void> {
  const record = await readExecution(database, executionId)
  const { execution, events } = record
  if (flags.wait && execution.status !== 'completed') end.exitCode = 'failed'
  if (flags.json)
    return writeJson(surroundings, {
      executionId,
      created,
      execution,
      ...(flags.wait && { events: events.map(toEventJson) }),
    })
  if (flags.wait)
    return writeLines(
      surroundings,
      drawTimeline(timelineOfRecord(record, Date.now()), terminalFor(surroundings)),
    )
  const said = created ? 'Started' : 'Started before, with the same idempotency key:'
  writeLines(surroundings, [`${said} ${executionId}`, `To see it: steptrail executions show ${executionId}`])
}

function optionsOf({ idempotencyKey, correlationId, actor, tenant }: Flags): StartOptions {
  return {
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(correlationId !== undefined && { correlationId }),
    ...(actor !== undefined && { actor }),
    ...(tenant !== undefined && { tenant }),
  }
}

/** On an embedded database that it holds nobody but this process can work, and it has no workers. */
function refuseWaitingAlone(database: Database): void {
  if (database.kind === 'postgres' || isByDoor(database)) return
  throw new TrailError(
    'invalid_configuration',
    '--wait would wait for ever: the embedded database belongs to this process, so no worker can use it meanwhile. Give --database, leave --wait out, or have the program with the workers run and let others in, as `steptrail serve` and `steptrail demo --serve` do',
  )
}

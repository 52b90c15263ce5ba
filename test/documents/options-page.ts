import { readDocument, tableOf } from './markdown.ts'

/** An interface whose members are options, and where it is. */
interface OptionsSource {
  readonly title: string
  readonly path: string
  readonly name: string
}

const sources: readonly OptionsSource[] = [
  {
    title: '`openDatabase`',
    path: 'packages/core/src/database/open-database.ts',
    name: 'OpenDatabaseOptions',
  },
  { title: '`migrate`', path: 'packages/core/src/migrate/migrate.ts', name: 'MigrateOptions' },
  { title: '`defineWorkflow`', path: 'packages/workflow/src/define.ts', name: 'WorkflowSpec' },
  { title: 'A step', path: 'packages/workflow/src/workflow.ts', name: 'StepSpec' },
  { title: '`retry`', path: 'packages/workflow/src/workflow.ts', name: 'RetrySpec' },
  {
    title: '`recorder` of `openTrail` and `createTrail`, beside what follows',
    path: 'packages/core/src/trail/trail-spool.ts',
    name: 'TrailRecorderSettings',
  },
  {
    title: '`createRecorder`, and `recorder` of `openTrail` and `createTrail`',
    path: 'packages/recorder/src/recorder-options.ts',
    name: 'RecorderSettings',
  },
  {
    title: '`openSpool`',
    path: 'packages/recorder/src/node/spool/spool-options.ts',
    name: 'SpoolOptions',
  },
  {
    title: '`trail.operation`',
    path: 'packages/recorder/src/operation.ts',
    name: 'OperationOptions',
  },
  { title: '`trail.flush`', path: 'packages/recorder/src/recorder.ts', name: 'FlushOptions' },
  {
    title: '`trail.close`',
    path: 'packages/recorder/src/recorder.ts',
    name: 'CloseRecorderOptions',
  },
  {
    title: '`closeOnSignals`',
    path: 'packages/recorder/src/node/close-on-signals.ts',
    name: 'CloseOnSignalsOptions',
  },
  { title: '`createWorker`', path: 'packages/workflow/src/worker-options.ts', name: 'WorkerOptions' },
  { title: '`worker.close`', path: 'packages/workflow/src/worker.ts', name: 'CloseOptions' },
  { title: '`createSaga`', path: 'packages/saga/src/saga.ts', name: 'SagaOptions' },
  { title: '`saga.start`', path: 'packages/saga/src/saga.ts', name: 'StartOptions' },
  { title: 'Filters of events', path: 'packages/core/src/trail/event-filter.ts', name: 'EventFilter' },
  {
    title: '`listEvents`, beside the filters',
    path: 'packages/core/src/trail/list-events.ts',
    name: 'EventListRequest',
  },
  { title: '`follow`', path: 'packages/core/src/trail/follow.ts', name: 'FollowOptions' },
  {
    title: '`storeWorkflowExecutionAudit`',
    path: 'packages/core/src/execution-audit/store-execution-audit.ts',
    name: 'StoreAuditOptions',
  },
  {
    title: '`listExecutionAudits`',
    path: 'packages/core/src/execution-audit/read-execution-audit.ts',
    name: 'ExecutionAuditRequest',
  },
  {
    title: '`makeReport`',
    path: 'packages/core/src/analytics/report-request.ts',
    name: 'ReportRequest',
  },
  {
    title: '`listExecutions`',
    path: 'packages/core/src/execution/list-executions.ts',
    name: 'ExecutionFilter',
  },
  {
    title: '`createClient`, `createHttpSink` and `createHttpDispatch`',
    path: 'packages/client/src/connection/connection-options.ts',
    name: 'ConnectionOptions',
  },
  {
    title: '`recorder` of `createNodeClient`, beside that of `createRecorder`',
    path: 'packages/client/src/node/node-client.ts',
    name: 'NodeRecorderSettings',
  },
  {
    title: 'What everything of `@steptrail/dbos` takes',
    path: 'adapters/dbos/src/install/place.ts',
    name: 'DbosPlace',
  },
  {
    title: '`DbosSteps`, beside what everything takes',
    path: 'adapters/dbos/src/steps/dbos-steps.ts',
    name: 'DbosStepsOptions',
  },
  {
    title: '`DbosRecorder`, beside what everything takes',
    path: 'adapters/dbos/src/record/dbos-recorder-options.ts',
    name: 'DbosRecorderOptions',
  },
  {
    title: 'What everything of `@steptrail/bullmq` takes',
    path: 'adapters/bullmq/src/install/place.ts',
    name: 'BullmqPlace',
  },
  {
    title: '`BullmqSteps`, beside the place',
    path: 'adapters/bullmq/src/steps/bullmq-steps.ts',
    name: 'BullmqStepsOptions',
  },
  {
    title: '`BullmqRecorder`, beside the place',
    path: 'adapters/bullmq/src/record/bullmq-recorder-options.ts',
    name: 'BullmqRecorderOptions',
  },
  {
    title: 'What `DbosRecorder` and `BullmqRecorder` take, beside their own',
    path: 'packages/core/src/observed/observation-source.ts',
    name: 'SourceRecorderOptions',
  },
  {
    title: '`TemporalRecorder`',
    path: 'adapters/temporal/src/record/temporal-recorder-options.ts',
    name: 'TemporalRecorderOptions',
  },
  {
    title: 'What everything of `@steptrail/nats` takes',
    path: 'adapters/nats/src/stream/nats-options.ts',
    name: 'NatsOptions',
  },
  {
    title: '`createNatsSink`, beside what everything takes',
    path: 'adapters/nats/src/sink/nats-sink.ts',
    name: 'NatsSinkOptions',
  },
  {
    title: '`createNatsRecorder`, beside that of `createNatsSink`',
    path: 'adapters/nats/src/sink/nats-recorder.ts',
    name: 'NatsRecorderOptions',
  },
  {
    title: '`new Ingester`, beside what everything takes',
    path: 'adapters/nats/src/ingest/ingester-options.ts',
    name: 'IngesterOptions',
  },
  {
    title: '`new Ingester`, for streams that are not there yet',
    path: 'adapters/nats/src/stream/ensure-stream.ts',
    name: 'StreamOptions',
  },
  {
    title: '`client.events.list`, beside the parameters of the API',
    path: 'packages/client/src/api/event-api.ts',
    name: 'EventQuery',
  },
  {
    title: '`client.events.follow`, beside the parameters of the API',
    path: 'packages/client/src/stream/follow-events.ts',
    name: 'FollowEventsOptions',
  },
  {
    title: '`client.executions.start`',
    path: 'packages/client/src/api/execution-api.ts',
    name: 'StartExecutionOptions',
  },
]

/** The page `docs/reference/options.md`: what the library's functions take, as their types document it. */
export async function optionsPage(): Promise<string> {
  const sections = await Promise.all(sources.map(sectionOf))
  return [
    '<!-- Made from the types in `packages`. Do not edit: run `npx vitest run test/documents/options.test.ts --update`. -->',
    '# Options',
    "What the library's functions take. Times are whole milliseconds, instants ISO 8601. Workflows, workers and filters refuse an option that they do not know.",
    ...sections,
    '## Limits of workflows',
    'What is beyond a limit is refused; the text of an error is cut.',
    await limitsTable(),
    '',
  ].join('\n\n')
}

async function sectionOf({ title, path, name }: OptionsSource): Promise<string> {
  const rows = membersOf(bodyOf(await readDocument(path), `export interface ${name}`))
  if (rows.length === 0) throw new Error(`${path} has no interface ${name} with members`)
  const note = name === 'RetrySpec' ? `\n\n${backoffNote}` : ''
  return `## ${title}\n\n${tableOf(
    ['option', 'type', 'meaning'],
    rows.map(({ member, type, meaning }) => [`\`${member}\``, `\`${type.replaceAll('|', '\\|')}\``, meaning]),
  )}${note}`
}

const backoffNote =
  "A `backoff` is `{ type: 'fixed', delayMs }`, or `{ type: 'exponential', initialMs, factor, maxMs, jitter }`: " +
  'min(maxMs, initialMs × factor^(retry − 1)), spread by ± jitter, a fraction from 0 to 1.'

async function limitsTable(): Promise<string> {
  const body = bodyOf(await readDocument('packages/workflow/src/limits.ts'), 'export const workflowLimits')
  return tableOf(
    ['limit', 'at most', 'of'],
    [...body.matchAll(/^ {2}(?:\/\*\* (.*?) \*\/\n {2})?(\w+): (.*),$/gm)].map(
      ([, meaning = asNamed, name = '', value = '']) => [
        `\`${name}\``,
        value.replace('weekMs', 'one week'),
        meaning,
      ],
    ),
  )
}

interface Member {
  readonly member: string
  readonly type: string
  readonly meaning: string
}

const asNamed = 'As its name says.'

/** Members of a type in the order of the source. */
function membersOf(body: string): readonly Member[] {
  return [
    ...body.matchAll(/(?: {2}\/\*\*((?:(?!\*\/)[^])*)\*\/\n)? {2}(?:readonly )?(\w+\??)(?:: |(?=\())(.*)$/gm),
  ].map(([, comment = '', member = '', type = '']) => ({
    member,
    type: type
      .replace(/ \| undefined$/, '')
      .replace(/^\((.*)\)$/, '$1')
      .replace(/^(\(.*\)): /, '$1 => '),
    meaning:
      comment
        .replaceAll(/\n\s*\* ?/g, ' ')
        .replaceAll('|', '\\|')
        .trim() || asNamed,
  }))
}

/** What stands between the braces of a declaration that is laid out as Prettier does it. */
function bodyOf(text: string, declaration: string): string {
  const start = text.search(new RegExp(`^${declaration}\\b`, 'm'))
  if (start < 0) throw new Error(`there is no ${declaration}`)
  const open = text.slice(start).search(/\{\n/) + start
  return text.slice(open, text.indexOf('\n}', open))
}

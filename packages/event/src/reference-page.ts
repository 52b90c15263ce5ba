import { detailsRows } from './details-reference.ts'
import { errorCodes } from './error.ts'
import { eventColumns } from './event-columns.ts'
import { columnsOfEveryEvent, type ColumnUse, type EventType, type TypedColumn } from './event-type.ts'
import { builtInEventTypes } from './event-types.ts'
import { eventLimits } from './limits.ts'
import { outcomes } from './operation-vocabulary.ts'
import { actorTypes, entityTypes, eventStatuses, operationTypes, severities } from './record.ts'

const generated = (source: string): string =>
  `<!-- Made from ${source}. Do not edit: run \`npx vitest run packages/event/src/reference-page.test.ts --update\`. -->`

/** The page `docs/reference/events.md`: the record, its limits, and every built-in event type, in Markdown. */
export function eventReferencePage(): string {
  const types: readonly EventType[] = builtInEventTypes
  return paragraphs([
    generated('`packages/event/src`'),
    '# Events',
    'Everything on record has one shape: a row of `audit_event`, in JSON an object with the keys below, every key always present, null when there is none.',
    '## The record',
    table(
      ['key', 'column', 'type', 'null', 'meaning'],
      eventColumns.map(({ key, column, type, nullable, meaning }) => [
        code(key),
        code(column),
        type,
        nullable ? 'yes' : 'no',
        meaning,
      ]),
    ),
    'Instants are ISO-8601 in UTC with exactly three decimals, durations whole milliseconds.',
    list([
      `\`entityType\`: ${codes(entityTypes)}`,
      `\`status\`: ${codes(eventStatuses)}, or null where there is no outcome`,
      `\`severity\`: ${codes(severities)}`,
      `\`operationType\`: ${codes(operationTypes)}`,
      `\`actorType\`: ${codes(actorTypes)}`,
    ]),
    '### JSON form',
    `\`salt\` is left out. Beside the keys of the record stand \`source\` (\`serviceName\`, or \`system\`), \`operator\` (\`actorId\`), \`extraInfo\` (\`details\`) and \`result\` (${codes(outcomes)}: the status in lower case; without a status \`success\`, or \`failure\` where the severity is \`error\` or \`critical\`).`,
    '## Limits',
    'What is beyond a limit is refused, never cut.',
    table(['what', 'at most'], limitRows()),
    'In `details`, numbers outside ±(2^53 − 1) and NaN are refused, and at its top level whatever is named as milliseconds (`…Ms`, `…_ms`) and is not a whole number. U+0000 and lone surrogates are refused in every text and key.',
    '## Event types',
    `Every event has ${codes(columnsOfEveryEvent)}. For each type the other columns are listed that its events **always** have and that they *may* have; a column that is not listed is always null.`,
    ...types.flatMap(typeSection),
    '## Types of an application',
    "An application adds types named `namespace.thing.happened` with `createEventCatalogue({ types })`, each with a schema for its details. Their entity is `OPERATION`; they may set any column that `OPERATION` may. A type that is not registered is refused, or, with `unregistered: 'flag'`, recorded with `schemaVersion` 0: no schema checked its details.",
    'Events of the entities `ORCHESTRATION`, `STEP` and `TRAIL` are recorded by Steptrail itself and by adapters of other engines only.',
  ])
}

/** The page `docs/reference/errors.md`: every error code, in Markdown. */
export function errorReferencePage(): string {
  return paragraphs([
    generated('`packages/event/src/error.ts`'),
    '# Errors',
    'Every error of Steptrail is a `TrailError`: `code` is one of these, `message` says what happened, with the value, and what to do, `details` holds the facts for programs.',
    table(
      ['code', 'what happened', 'what to do'],
      Object.entries(errorCodes).map(([errorCode, { title, meaning, action }]) => [
        code(errorCode),
        `**${title}.** ${meaning}`,
        action,
      ]),
    ),
  ])
}

function typeSection(type: EventType): readonly string[] {
  const rows = detailsRows(type.details)
  const columns = columnsOf(type, 'always')
  const optional = columnsOf(type, 'may')
  return [
    `### \`${type.eventType}\``,
    type.when,
    list([
      `entity \`${type.entityType}\`, status ${type.statuses.map((status) => (status ? code(status) : 'null')).join(' or ')}, schema version ${type.schemaVersion}`,
      `**always**: ${codes(columns)}`,
      `*may*: ${codes(optional)}`,
    ]),
    ...(rows.length === 0
      ? []
      : [
          table(
            ['in `details`', 'is', 'given'],
            rows.map((row) => [code(row.path), row.type, row.required ? 'always' : 'where known']),
          ),
        ]),
  ]
}

const columnsOf = ({ columns }: EventType, use: ColumnUse): readonly string[] =>
  eventColumns.map(({ key }) => key).filter((key) => columns[key as TypedColumn] === use)

const limitRows = (): readonly (readonly string[])[] => [
  ['`details`, as UTF-8 bytes of its canonical JSON', `${eventLimits.detailsBytes} (256 KB)`],
  ['nesting of `details`, itself included', `${eventLimits.detailsDepth} levels`],
  ['`reason`, `message`', `${eventLimits.textLength} characters`],
  ['`resourceId`', `${eventLimits.resourceIdLength} characters`],
  ['every other text column', `${eventLimits.nameLength} characters`],
  ['`timestamp` ahead of the clock', `${eventLimits.futureMs / 3_600_000} hour`],
]

const code = (text: string): string => `\`${text}\``
const codes = (texts: readonly string[]): string => texts.map(code).join(', ')
const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n')
const paragraphs = (parts: readonly string[]): string => `${parts.join('\n\n')}\n`
const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

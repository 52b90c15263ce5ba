import type {
  AppliedDirectory,
  CatalogEntry,
  CatalogEntrySummary,
  Scoring,
  SelectionReplay,
  SuccessMetrics,
  WhyNot,
} from '@steptrail/catalog'
import { gateLabels } from '@steptrail/workflow'
import { counted } from '../terminal/bytes.ts'
import { drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printable } from '../terminal/text.ts'

/** What became of each entry of a directory. */
export function drawApplied({ files, actionTypes, workflows }: AppliedDirectory): readonly string[] {
  const changed = actionTypes.filter(({ outcome }) => outcome !== 'unchanged')
  const added = workflows.filter(({ outcome }) => outcome === 'registered')
  return [
    ...changed.map(({ actionType, outcome }) => `${outcome} action type ${actionType}`),
    ...added.map(({ workflowName, version, workflowId, superseded }) => {
      const instead = superseded.length > 0 ? `, in place of ${superseded.join(', ')}` : ''
      return `registered ${workflowName} ${version} as ${workflowId}${instead}`
    }),
    `${counted(files.length, 'file')}: ${counted(added.length, 'workflow')} registered, ` +
      `${workflows.length - added.length} unchanged; ${counted(changed.length, 'action type')} registered or ` +
      `changed, ${actionTypes.length - changed.length} unchanged`,
  ].map(printable)
}

/** A table of workflows. */
export const drawList = (workflows: readonly CatalogEntrySummary[], terminal: Terminal): readonly string[] =>
  drawTable(
    [
      { title: 'workflow', gives: 2, least: 12 },
      { title: 'version', gives: 1, least: 7 },
      { title: 'action type', gives: 3, least: 10 },
      { title: 'status' },
      { title: 'executions', align: 'right' },
      { title: 'success', align: 'right' },
      { title: 'id', gives: 4 },
    ],
    workflows.map(({ workflowName, version, actionType, status, successMetrics, workflowId }) => [
      { text: workflowName },
      { text: version },
      { text: actionType },
      { text: status, ...(status !== 'active' && { styles: ['yellow' as const] }) },
      { text: String(successMetrics.totalExecutions) },
      { text: percent(successMetrics.actualSuccessRate) },
      { text: workflowId },
    ]),
    terminal,
  )

/** A workflow with all there is to know of it. */
export function drawEntry(entry: CatalogEntry, terminal: Terminal): readonly string[] {
  const { bold, dim } = stylesOf(terminal)
  const field = (name: string, value: string | null): readonly string[] =>
    value === null || value === '' ? [] : [`  ${dim(name.padEnd(11))} ${printable(value)}`]
  const labels = [
    ...gateLabels.map((name) => `${name}: ${entry.labels[name].join(', ')}`),
    ...Object.entries(entry.customLabels).map(([name, has]) => `${name}: ${has.join(', ')}`),
    ...Object.entries(entry.detectedLabels).map(([name, has]) => `${name}: ${has}`),
  ]
  const [first = '', ...others] = labels
  return [
    `${bold(printable(`${entry.workflowName} ${entry.version}`))}  ${printable(entry.title)}`,
    ...field('action', entry.actionType),
    ...field('status', [entry.status, entry.disabledReason].filter((text) => text !== null).join(': ')),
    ...field('description', entry.description),
    ...field('labels', first),
    ...others.flatMap((label) => field('', label)),
    ...field(
      'parameters',
      Object.keys((entry.parameters['properties'] ?? {}) as object).join(', ') || 'none',
    ),
    ...field('owner', [entry.owner, entry.maintainer].filter((text) => text !== null).join(', ')),
    ...field('approved', [entry.approvedBy, entry.approvedAt].filter((text) => text !== null).join(', ')),
    ...field('executions', metricsText(entry.successMetrics)),
    ...field('content', entry.contentHash),
    ...field('id', entry.workflowId),
    ...field('versions', entry.versions.map(({ version, status }) => `${version} (${status})`).join(', ')),
    ...field('notes', entry.versionNotes),
  ]
}

/** Why a workflow was not selected. */
export function drawWhyNot(answer: WhyNot, terminal: Terminal): readonly string[] {
  const { bold, dim } = stylesOf(terminal)
  const { workflow, offered, rank, scoring, reasons, basis, askedAt } = answer
  const standing = offered
    ? `on the list of ${workflow.actionType}, number ${rank}`
    : `not on the list of ${workflow.actionType}`
  const when = basis === 'recorded' ? `as recorded at ${askedAt}` : 'by the catalogue as it is'
  return [
    `${bold(printable(`${workflow.workflowName} ${workflow.version}`))} is ${standing}, ${when}.`,
    ...(scoring ? [dim(`  ${scoreText(scoring)}`)] : []),
    ...(reasons.length > 0
      ? reasons.map(({ message }) => printable(`  - ${message}`))
      : ['  Nothing kept it out, or down.']),
  ]
}

/** The story of a selection. */
export function drawReplay(replay: SelectionReplay, terminal: Terminal): readonly string[] {
  const { bold, dim, paint } = stylesOf(terminal)
  const { remediationId, passages, refusedCalls } = replay
  return [
    `${bold(printable(remediationId))}${refusedCalls > 0 ? `  ${paint('yellow', `${refusedCalls} refused`)}` : ''}`,
    ...passages.map(({ at, kind, sentence, actor }) => {
      const who = actor ? dim(printable(`  ${actor.type}:${actor.id}`)) : ''
      const text = kind === 'refused' ? paint('yellow', printable(sentence)) : printable(sentence)
      return `  ${dim(at.slice(11, 23))}  ${kind.replace('_', ' ').padEnd(9)}  ${text}${who}`
    }),
  ]
}

const stylesOf = ({ paint }: Terminal) => ({
  paint,
  bold: (text: string): string => paint('bold', text),
  dim: (text: string): string => paint('dim', text),
})

const scoreText = ({
  confidence,
  base_similarity: base,
  boost_breakdown,
  penalty_breakdown,
}: Scoring): string => {
  const moves = [
    ...Object.entries(boost_breakdown).map(([label, weight]) => `+ ${label} ${weight}`),
    ...Object.entries(penalty_breakdown).map(([label, weight]) => `- ${label} ${weight}`),
  ]
  return printable(`score ${confidence} = base ${base} ${moves.join(' ')}`.trim())
}

const percent = (share: number | null): string => (share === null ? '' : `${Math.round(share * 100)} %`)

const metricsText = ({
  totalExecutions,
  successfulExecutions,
  actualSuccessRate,
  expectedSuccessRate,
}: SuccessMetrics): string =>
  [
    totalExecutions === 0
      ? 'none yet'
      : `${successfulExecutions} of ${totalExecutions} succeeded, ${percent(actualSuccessRate)}`,
    ...(expectedSuccessRate === null ? [] : [`${percent(expectedSuccessRate)} expected`]),
  ].join(', ')

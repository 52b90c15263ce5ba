import type { LogReport, TrailReport } from '@steptrail/log'
import { describeDefect, type PackVerdict } from '@steptrail/verify'
import { counted, formatCount } from '../terminal/bytes.ts'
import { formatDuration } from '@steptrail/workflow/timeline'
import type { Terminal } from '../terminal/terminal.ts'
import { printable } from '../terminal/text.ts'

/** What verifying the trail found, for people. */
export function drawTrailReport(report: TrailReport, { paint }: Terminal, nowMs: number): readonly string[] {
  const { logs, executions, defect, lag } = report
  return [
    ...(defect ? [`${paint(['red', 'bold'], 'defect')} ${printable(describeDefect(defect))}`] : []),
    ...logs.flatMap((log) => logLines(log, { ok: paint('green', 'ok'), isWhole: defect === null })),
    ...(executions && defect === null ? [`${paint('green', 'ok')} ${runsLine(executions)}`] : []),
    ...(lag.unsealed > 0
      ? [
          `   ${counted(lag.unsealed, 'event')} not sealed yet${ageOf(lag.oldestAt, nowMs)}: \`steptrail seal\` seals them`,
        ]
      : []),
    ...(report.keysFrom === 'database'
      ? [
          paint(
            'dim',
            '   The key is the one that the database names. Give --key with the one you were given by its owner.',
          ),
        ]
      : []),
  ]
}

function logLines(log: LogReport, { ok, isWhole }: { ok: string; isWhole: boolean }): readonly string[] {
  if (!isWhole) return []
  const { origin, size, verified, from, dropped, wholeFrom, erased, unsigned, signedAt, signedBy } = log
  return [
    `${ok} ${counted(verified, 'event')} in the log, unaltered, none missing; ${counted(size, 'entry', 'entries')} in ${printable(origin)}`,
    ...(from > 0
      ? [`   from entry ${formatCount(from)}: those before are covered by a signed checkpoint`]
      : []),
    ...(dropped > 0
      ? [
          `   from entry ${formatCount(wholeFrom)}: ${counted(dropped, 'event')} before went by retention, and their leaves are still proven`,
        ]
      : []),
    ...(erased > 0
      ? [`   ${counted(erased, 'event')} erased: what is left of them is as it was signed`]
      : []),
    ...(unsigned > 0 ? [`   ${counted(unsigned, 'entry', 'entries')} no checkpoint covers yet`] : []),
    `   signed ${signedAt ?? 'at a time it does not tell'} with ${printable(signedBy.join(', '))}`,
    ...(log.endedAt === null ? [] : [`   ended ${log.endedAt}: another log took its place`]),
  ]
}

function runsLine({ ended, open }: NonNullable<TrailReport['executions']>): string {
  const others = open > 0 ? ` (${formatCount(open)} not ended)` : ''
  return `${counted(ended, 'execution')} complete and conforming${others}`
}

/** What verifying an evidence pack found, for people. */
export function drawPackVerdict(verdict: PackVerdict, { paint }: Terminal): readonly string[] {
  if (!verdict.ok) return [`${paint(['red', 'bold'], 'defect')} ${printable(describeDefect(verdict.defect))}`]
  const { executionId, events, origin, size, signedAt, signedBy, earlierLogs, keyFrom, hasEnded } = verdict
  const state =
    hasEnded === null
      ? '; no run of ours has them'
      : hasEnded
        ? ', complete and conforming'
        : ', conforming so far; it has not ended'
  return [
    `${paint('green', 'ok')} execution ${printable(executionId)}: ${counted(events, 'event')} in the log, unaltered${state}`,
    `   ${printable(origin)}, ${counted(size, 'entry', 'entries')}, signed ${signedAt ?? 'at a time it does not tell'} with ${printable(signedBy.join(', '))}`,
    ...earlierLogs.map(
      (log) => `   ${printable(log.origin)}, ${formatCount(log.size)} entries, before a restart`,
    ),
    ...(keyFrom === 'pack'
      ? [
          paint(
            'yellow',
            '   The key came with the pack: it proves that the pack is of one piece, not whose it is. Give --key.',
          ),
        ]
      : []),
  ]
}

const ageOf = (at: string | null, nowMs: number): string =>
  at === null ? '' : `, the oldest for ${formatDuration(Math.max(0, nowMs - Date.parse(at)))}`

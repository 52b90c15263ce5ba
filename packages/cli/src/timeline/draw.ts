import {
  type Bar,
  type Lane,
  type Scale,
  type Timeline,
  columnOf,
  formatDuration,
  formatTick,
  layoutLane,
  ticksOf,
} from '@steptrail/workflow/timeline'
import type { Style, Terminal } from '../terminal/terminal.ts'
import { cut, padEnd, padStart, printable, widthOf } from '../terminal/text.ts'
import { type Glyphs, glyphsFor, laneStyles, spanStyle } from './glyphs.ts'
import { drawErrors } from './errors.ts'
import { drawHeader } from './header.ts'
import { drawLegend } from './legend.ts'

/**
 * The timeline as lines of text, none wider than the terminal: header, time axis, a lane for each operation
 * with its attempts and duration, the errors of what failed, and a legend of what occurs.
 */
export function drawTimeline(timeline: Timeline, terminal: Terminal): readonly string[] {
  const frame = frameOf(timeline, terminal)
  const lanes = timeline.lanes.filter((lane) => lane.operation === 'DO')
  const undone = timeline.lanes.filter((lane) => lane.operation === 'UNDO')
  return [
    ...drawHeader(timeline, terminal),
    '',
    ...drawAxis(frame),
    ...lanes.flatMap((lane) => drawLane(lane, frame)),
    ...(timeline.rollbacks.length > 0 ? [drawDivider(frame)] : []),
    ...undone.flatMap((lane) => drawLane(lane, frame)),
    drawFloor(frame),
    ...drawLegend(timeline, terminal),
    ...drawErrors(timeline.lanes, terminal),
  ]
}

/** Where everything goes: mark, name, operation, chart between two sides, attempts, duration. */
interface Frame {
  readonly terminal: Terminal
  readonly glyphs: Glyphs
  readonly scale: Scale
  readonly nameWidth: number
  readonly rollbackColumns: ReadonlySet<number>
}

const markWidth = 2
const operationWidth = 5
const attemptsWidth = 9
const durationWidth = 11

function frameOf(timeline: Timeline, terminal: Terminal): Frame {
  const longest = Math.max(4, ...timeline.lanes.map((lane) => widthOf(printable(lane.stepName))))
  const nameWidth = Math.min(longest, Math.floor(terminal.width / 4)) + 1
  const sides = 2
  const width =
    terminal.width - markWidth - nameWidth - operationWidth - sides - attemptsWidth - durationWidth
  const scale = { from: timeline.from, to: timeline.to, width: Math.max(1, width) }
  return {
    terminal,
    glyphs: glyphsFor(terminal),
    scale,
    nameWidth,
    rollbackColumns: new Set(timeline.rollbacks.map((mark) => columnOf(mark.at, scale))),
  }
}

function drawAxis({ terminal, glyphs, scale, nameWidth }: Frame): readonly string[] {
  const ticks = ticksOf(scale, 8)
  let labels = ''
  for (const { column, offsetMs } of ticks) {
    const label = formatTick(offsetMs)
    const start = Math.min(column, scale.width - label.length)
    if (start > labels.length || labels === '') labels = padEnd(labels, start) + label
  }
  const marks = new Set(ticks.map((tick) => tick.column))
  const rule = Array.from({ length: scale.width }, (_, column) =>
    marks.has(column) ? glyphs.tick : glyphs.rule,
  ).join('')
  const [left, right] = glyphs.corners
  const titles = padEnd(' '.repeat(markWidth) + padEnd('step', nameWidth) + 'op', margin(nameWidth).length)
  const figures = padStart('attempts', attemptsWidth) + padStart('duration', durationWidth)
  return [
    terminal.paint('dim', `${margin(nameWidth)} ${labels}`),
    terminal.paint('dim', `${titles}${left}${rule}${right}${figures}`),
  ]
}

function drawFloor({ terminal, glyphs, scale, nameWidth }: Frame): string {
  const [, , left, right] = glyphs.corners
  return terminal.paint('dim', margin(nameWidth) + left + glyphs.rule.repeat(scale.width) + right)
}

/** Parts DO from UNDO, with the moment of the rollback on it. */
function drawDivider({ terminal, glyphs, scale, nameWidth, rollbackColumns }: Frame): string {
  const [left, right] = glyphs.joints
  const rule = Array.from({ length: scale.width }, (_, column) =>
    rollbackColumns.has(column) ? glyphs.cross : glyphs.rule,
  ).join('')
  const title = padEnd(`${' '.repeat(markWidth)}rollback`, margin(nameWidth).length)
  return terminal.paint(['red', 'dim'], title + left + rule + right)
}

const margin = (nameWidth: number): string => ' '.repeat(markWidth + nameWidth + operationWidth)

function drawLane(lane: Lane, frame: Frame): readonly string[] {
  const { terminal, glyphs, scale, nameWidth } = frame
  const undone = lane.operation === 'UNDO' && lane.outcome === 'complete'
  const mark = undone ? glyphs.undone : glyphs.lanes[lane.outcome]
  const markStyles: readonly Style[] = undone ? ['magenta'] : laneStyles[lane.outcome]
  const name = cut(printable(lane.stepName), nameWidth - 1, glyphs.ellipsis)
  const idle = lane.outcome === 'not_started'
  const head =
    terminal.paint(markStyles, padEnd(mark, markWidth)) +
    terminal.paint(idle ? 'dim' : [], padEnd(name, nameWidth)) +
    terminal.paint('dim', padEnd(lane.operation, operationWidth))
  const side = terminal.paint('dim', glyphs.side)
  const rows = layoutLane(lane.spans, scale).map((bars) => side + drawCells(bars, lane, frame) + side)
  return rows.map((row, index) =>
    index === 0 ? head + row + drawFigures(lane, frame) : margin(nameWidth) + row,
  )
}

function drawFigures(lane: Lane, { terminal, glyphs }: Frame): string {
  const attempts = lane.spans.filter((span) => span.kind === 'attempt').length
  if (lane.outcome === 'not_started')
    return terminal.paint('dim', padStart(glyphs.dash, attemptsWidth) + padStart('never ran', durationWidth))
  const duration = lane.outcome === 'skipped' ? 'skipped' : formatDuration(lane.durationMs ?? 0)
  const count = padStart(String(attempts), attemptsWidth)
  return (attempts > 1 ? terminal.paint('yellow', count) : count) + padStart(duration, durationWidth)
}

function drawCells(bars: readonly Bar[], lane: Lane, frame: Frame): string {
  const { terminal, glyphs, scale, rollbackColumns } = frame
  const cells: { char: string; styles: readonly Style[] }[] = Array.from(
    { length: scale.width },
    (_, column) =>
      rollbackColumns.has(column)
        ? { char: glyphs.rollback, styles: ['red', 'dim'] }
        : { char: ' ', styles: [] },
  )
  for (const { span, column, width } of bars) {
    const styles = spanStyle(span, lane.operation)
    for (let offset = 0; offset < width; offset++) {
      const last = offset === width - 1
      const char =
        span.kind === 'attempt' ? (last ? glyphs.ends[span.outcome] : glyphs.working) : glyphs[span.kind]
      cells[column + offset] = { char, styles }
    }
  }
  return runsOf(cells)
    .map(({ text, styles }) => terminal.paint(styles, text))
    .join('')
}

function runsOf(
  cells: readonly { readonly char: string; readonly styles: readonly Style[] }[],
): readonly { readonly text: string; readonly styles: readonly Style[] }[] {
  const runs: { text: string; styles: readonly Style[] }[] = []
  for (const { char, styles } of cells) {
    const run = runs.at(-1)
    if (run && run.styles.join() === styles.join()) run.text += char
    else runs.push({ text: char, styles })
  }
  return runs
}

import type { Terminal } from '../terminal/terminal.ts'
import { padEnd, printable, widthOf, wrap } from '../terminal/text.ts'
import { glyphsFor } from './glyphs.ts'
import type { AttemptSpan, Lane } from '@steptrail/workflow/timeline'

/** The different errors of each lane, in full, with the attempts that ended in them. */
export function drawErrors(lanes: readonly Lane[], terminal: Terminal): readonly string[] {
  return lanes.flatMap((lane) => {
    const failed = lane.spans.filter(
      (span): span is AttemptSpan => span.kind === 'attempt' && span.error !== null,
    )
    return [...Map.groupBy(failed, (span) => span.error ?? '')].flatMap(([error, spans]) =>
      drawError(errorLabel(lane, spans), error, terminal),
    )
  })
}

function errorLabel(lane: Lane, spans: readonly AttemptSpan[]): string {
  const attempts = `${spans.length === 1 ? 'attempt' : 'attempts'} ${rangesOf(spans.map((span) => span.attempt))}`
  return `${printable(lane.stepName)} ${lane.operation}, ${attempts}:`
}

function drawError(label: string, error: string, terminal: Terminal): readonly string[] {
  const head = `  ${terminal.paint('red', glyphsFor(terminal).lanes.failed)} ${label}`
  const text = printable(error)
  if (widthOf(head) + 1 + widthOf(text) <= terminal.width) return [`${head} ${terminal.paint('dim', text)}`]
  const indent = padEnd('', 4)
  return [head, ...wrap(text, terminal.width - 4).map((line) => indent + terminal.paint('dim', line))]
}

/** `1-3, 5` for 1, 2, 3, 5. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = []
  for (const number of numbers) {
    const range = ranges.at(-1)
    if (range && range[1] === number - 1) range[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')
}

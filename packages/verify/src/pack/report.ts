import { base64Of } from '../bytes/base64.ts'
import { canonicalJson, type Json } from '../canonical-json.ts'
import { parseCheckpoint } from '../note/checkpoint.ts'
import { endingsOf } from '../run/step-states.ts'
import type { PackContent, PackedEvent, PackedLog } from './pack-content.ts'

/**
 * What a pack says, to be read by people: one HTML page without scripts, and without anything from elsewhere. It is
 * made from the rest of the pack alone, so who verifies makes it anew and compares.
 */
export function evidenceReport(content: PackContent): string {
  const { executionId, run, definition, events } = content
  const title = `Evidence of execution ${executionId}`
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    table([
      ['Workflow', text(workflowOf(events))],
      ['Status', text(run?.execution.status ?? null)],
      ['Definition', text(run?.execution.definition_hash ?? null)],
      ['Events', String(events.length)],
      ...content.logs.flatMap(checkpointRows),
    ]),
    '<h2>What this proves</h2>',
    `<p>${proves}${run === null ? '' : ` ${endingsOf(run.execution.status) ? ofTheRun : `${ofTheRun} ${untilNow}`}`}</p>`,
    `<p>To verify it, offline: <code>steptrail verify --offline FILE</code>. Give <code>--key</code> with the key as its owner published it: the one in the pack proves only that the pack is of one piece.</p>`,
    '<h2>Events</h2>',
    `<table><thead><tr>${headings.map((heading) => `<th>${heading}</th>`).join('')}</tr></thead><tbody>`,
    ...events.map((event) => eventRow(event, content.logs.length)),
    '</tbody></table>',
    '<h2>Definition</h2>',
    `<pre>${escaped(pretty(definition))}</pre>`,
    '</body></html>',
    '',
  ].join('\n')
}

/** As its events name it. */
function workflowOf(events: readonly PackedEvent[]): string | null {
  const named = events.find(({ record }) => record.envelope.workflow_name !== null)?.record.envelope
  return named ? `${named.workflow_name} ${named.workflow_version}` : null
}

const proves =
  'Each event below is, byte for byte, in the log that the checkpoint covers, which was signed at the time and with the key given. Where the log was restarted meanwhile there are several, and each event is in one.'

const ofTheRun =
  'The events are numbered without a gap from the first to the last, agree with the changes of state and with the audits of results that are in this pack, and obey the definition, whose digest the first event carries. What workers returned is in the pack, and its digest in the events.'

const untilNow =
  'The execution had not ended: what came after the last event is not in this pack, and who made the pack may have left out the latest.'

const headings = ['#', 'time (UTC)', 'event', 'step', 'status', 'actor', 'what was said', 'log entry']

function checkpointRows({ checkpoint, vkey }: PackedLog): readonly (readonly [string, string])[] {
  const parsed = parseCheckpoint(checkpoint)?.checkpoint
  return [
    ['Log', text(parsed?.origin ?? null)],
    ['Entries covered', text(parsed?.size ?? null)],
    ['Root', text(parsed ? base64Of(parsed.root) : null)],
    ['Key', text(vkey)],
  ]
}

function eventRow({ log, index, record }: PackedEvent, logs: number): string {
  const { envelope, body } = record
  const {
    execution_seq: number,
    timestamp,
    event_type: type,
    step_name: step,
    operation_type: operation,
  } = envelope
  const actor = body?.actor_id ? `${body.actor_type}: ${body.actor_id}` : null
  const said = body === null ? 'erased' : (body.reason ?? body.message)
  const details = body?.details
    ? `<details><summary>details</summary><pre>${escaped(pretty(body.details))}</pre></details>`
    : ''
  const cells = [
    text(number),
    text(timestamp),
    text(type),
    text(step && `${operation} ${step}`),
    text(envelope.status),
    text(actor),
    text(said) + details,
    logs === 1 ? String(index) : `${index} of log ${log + 1}`,
  ]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

const pretty = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)

const table = (rows: readonly (readonly [string, string])[]): string =>
  `<table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join('')}</table>`

const text = (value: string | number | null | undefined): string =>
  escaped(value === null || value === undefined ? '–' : String(value))

const escaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const style =
  'body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1a1a1a}' +
  'table{border-collapse:collapse;margin:1rem 0;width:100%}th,td{border-bottom:1px solid #ddd;padding:.3rem .6rem;' +
  'text-align:left;vertical-align:top;overflow-wrap:anywhere}th{white-space:nowrap}pre{background:#f6f6f6;padding:.6rem;overflow:auto}'

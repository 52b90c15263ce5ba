import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type AuditEvent, auditEventSchema, eventColumns, type EventJson } from '@steptrail/event'
import { describe, expect, it } from 'vitest'
import { terminalOf } from '../src/terminal/terminal.ts'
import { drawTimeline } from '../src/timeline/draw.ts'
import { timelineOf } from '@steptrail/workflow/timeline'
import { terminalSvg } from './terminal-svg.ts'

const path = (name: string): string => fileURLToPath(new URL(`../../../docs/images/${name}`, import.meta.url))

/**
 * The events of the execution that the demo rolls back, recorded by
 * `npm run --silent demo -- --json | jq -c '.executions[2].events[]' > docs/images/demo.events.jsonl`.
 */
const events = (await readFile(path('demo.events.jsonl'), 'utf8'))
  .trim()
  .split('\n')
  .map((line) => recordOf(JSON.parse(line) as EventJson))

/** The record behind its JSON form, which leaves the salt out and has some of the rest twice. */
function recordOf(json: EventJson): AuditEvent {
  const record = eventColumns.map(({ key }) => [key, key === 'salt' ? null : json[key]])
  return auditEventSchema.parse(Object.fromEntries(record))
}

const draw = (env: Readonly<Record<string, string>>): readonly string[] =>
  drawTimeline(timelineOf(events, { now: 0 }), terminalOf({ columns: 100 }, { LANG: 'en_GB.UTF-8', ...env }))

describe('the picture of the demo', () => {
  it('shows an execution that was recorded, whole', () => {
    expect(events.map(({ executionSeq }) => executionSeq)).toEqual(events.map((_, index) => index + 1))
    expect(events.at(-1)?.eventType).toBe('ROLLBACK_COMPLETED')
  })

  it('is what the program draws of it, as text', async () => {
    await expect(`${draw({}).join('\n')}\n`).toMatchFileSnapshot(path('demo.txt'))
  })

  it('is what the program draws of it, in colour', async () => {
    const svg = terminalSvg(draw({ FORCE_COLOR: '1' }), 'The timeline of an execution that was rolled back')
    await expect(svg).toMatchFileSnapshot(path('demo.svg'))
  })
})

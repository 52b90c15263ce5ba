import { readFile } from 'node:fs/promises'
import { type Database, getExecution, getExecutionEvents } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import { importHistory, parseHistory } from '@steptrail/temporal/history'

const files = ['order-1.json', 'order-2.json'] as const

/** Puts the histories of two orders on record, and gives what is then there, as lines to print. */
export async function importOrders(trail: Database): Promise<readonly string[]> {
  const lines: string[] = []
  for (const file of files) {
    const content = await readFile(new URL(`../histories/${file}`, import.meta.url), 'utf8')
    const history = parseHistory(content, { name: file })
    const { executionId, workflowId } = await importHistory(trail, history, {
      undoes: { release: 'reserve' },
      isBackfilled: true,
    })
    lines.push(...(await storyOf(trail, workflowId, executionId)))
  }
  return lines
}

async function storyOf(trail: Database, id: string, executionId: string): Promise<readonly string[]> {
  const { status, engine, retries } = await getExecution(trail, executionId)
  const events = await getExecutionEvents(trail, executionId)
  return [`${id} on ${engine}: ${status}, ${retries} retries`, ...events.map(lineOf), '']
}

function lineOf({ executionSeq, eventType, stepName, operationType, ...event }: AuditEvent): string {
  const parts = [
    String(executionSeq).padStart(4),
    eventType.padEnd(23),
    (stepName === null ? '' : `${stepName} ${operationType ?? ''}`).padEnd(12),
    event.actorType === 'user' ? `${event.actorType}:${event.actorId}` : '',
    event.reason ?? '',
    unseen(event.details?.['notObservable']),
  ]
  return parts
    .filter((part) => part !== '')
    .join(' ')
    .trimEnd()
}

/** Of attempts alone: that a plan or an input is not observable goes without saying here. */
const unseen = (names: unknown): string =>
  Array.isArray(names) && names.includes('timestamp') ? `(not observable: ${names.join(', ')})` : ''

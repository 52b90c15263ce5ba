import { Button } from '@mantine/core'
import type { ExecutionList } from '@steptrail/client'
import { formatDuration } from '@steptrail/workflow/timeline'
import { Link } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { StatusBadge } from '../execution/status-badge.tsx'
import { PrintedPart } from '../printing/printed-part.tsx'
import { mostPrintedRows, useIsPrinting } from '../printing/use-is-printing.ts'
import { visible } from '../text/visible.ts'
import { Moment } from '../time/moment.tsx'
import classes from './execution-table.module.css'

type Summary = ExecutionList['executions'][number]

/** Executions, and whether there are more. */
export interface ExecutionTableProps {
  readonly executions: readonly Summary[]
  readonly hasMore: boolean
  readonly isReadingMore: boolean
  readonly onMore: () => void
}

const rowHeight = 50

/** Executions at a glance: how each stands, how long it took, what was retried and undone. */
export function ExecutionTable({ executions, hasMore, isReadingMore, onMore }: ExecutionTableProps) {
  const bodyRef = useRef<HTMLDivElement>(null)
  const isPrinting = useIsPrinting()
  const rows = useWindowVirtualizer({
    count: executions.length,
    estimateSize: () => rowHeight,
    overscan: isPrinting ? mostPrintedRows : 12,
    scrollMargin: bodyRef.current?.offsetTop ?? 0,
    getItemKey: (index) => executions[index]?.executionId ?? index,
  })
  const drawn = rows.getVirtualItems()
  const { scrollMargin } = rows.options
  return (
    <div
      className={classes['frame']}
      role="table"
      aria-label="Executions"
      aria-rowcount={hasMore ? -1 : executions.length + 1}
    >
      <div className={`${classes['row']} ${classes['head']}`} role="row">
        {['Status', 'Workflow', 'Started', 'Duration', 'Steps', 'Retries', 'Undone'].map((title) => (
          <span key={title} role="columnheader" className={classes[title.toLowerCase()]}>
            {title}
          </span>
        ))}
      </div>
      <div ref={bodyRef} role="rowgroup" className={classes['body']} style={{ height: rows.getTotalSize() }}>
        {drawn.map(({ index, key, start }) => (
          <div
            key={key}
            role="row"
            aria-rowindex={index + 2}
            className={`${classes['row']} ${classes['line']}`}
            style={{ height: rowHeight, transform: `translateY(${start - scrollMargin}px)` }}
          >
            <Cells execution={executions[index] as Summary} />
          </div>
        ))}
      </div>
      <PrintedPart drawn={drawn} count={executions.length} what="executions" />
      {hasMore ? (
        <Button variant="subtle" fullWidth onClick={onMore} loading={isReadingMore}>
          Show more
        </Button>
      ) : null}
    </div>
  )
}

function Cells({ execution }: { readonly execution: Summary }) {
  const { executionId, status, workflowName, workflowVersion, correlationId, startedAt, createdAt } =
    execution
  return (
    <>
      <span role="cell" className={classes['status']}>
        <StatusBadge status={status} />
      </span>
      <span role="cell" className={classes['workflow']}>
        <Link to="/executions/$executionId" params={{ executionId }} className={classes['link']}>
          <bdi>{visible(workflowName)}</bdi> <bdi className="faint">{visible(workflowVersion)}</bdi>
        </Link>
        <span className={classes['id']}>
          <bdi>{visible(correlationId === executionId ? executionId : correlationId)}</bdi>
        </span>
      </span>
      <span role="cell" className={classes['started']}>
        <Moment at={startedAt ?? createdAt} />
      </span>
      <span role="cell" className={classes['duration']}>
        {execution.durationMs === null ? '–' : formatDuration(execution.durationMs)}
      </span>
      <span role="cell" className={classes['steps']}>
        {execution.completedSteps}/{execution.totalSteps}
      </span>
      <Count of={execution.retries} column="retries" />
      <Count of={execution.rolledBackSteps} column="undone" />
    </>
  )
}

const Count = ({ of, column }: { readonly of: number; readonly column: 'retries' | 'undone' }) => (
  <span role="cell" className={classes[column]} data-some={of > 0 || undefined}>
    {of === 0 ? '–' : of}
  </span>
)

import { Table } from '@mantine/core'
import type { Report } from '@steptrail/client'
import { Link } from '@tanstack/react-router'
import { LinkText } from '../text/link-text.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { cellText, periodText } from './cell-text.ts'
import { columnTitle } from './report-names.ts'
import classes from './analytics-page.module.css'

const textKinds: ReadonlySet<string> = new Set(['text', 'time', 'list'])

/** A report that was made, and the period that was asked for, if any. */
export interface ReportTableProps {
  readonly report: Report
  readonly period: string | undefined
}

/** Every row of a report, with every column. */
export const ReportTable = ({ report: { columns, rows }, period }: ReportTableProps) => (
  <div className={classes['tableFrame']} tabIndex={0} role="region" aria-label="The rows of the report">
    <Table className={classes['table'] ?? ''} stickyHeader>
      <Table.Thead>
        <Table.Tr>
          {columns.map(({ name, kind }) => (
            <Table.Th key={name} data-number={!textKinds.has(kind) || undefined}>
              {columnTitle(name)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, index) => (
          <Table.Tr key={index}>
            {columns.map(({ name, kind }) => (
              <Table.Td key={name} data-number={!textKinds.has(kind) || undefined}>
                <Cell name={name} kind={kind} value={row[name]} period={period} />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </div>
)

interface CellProps {
  readonly name: string
  readonly kind: string
  readonly value: unknown
  readonly period: string | undefined
}

function Cell({ name, kind, value, period }: CellProps) {
  if (name === 'period_start' && typeof value === 'string') return periodText(value, period)
  if (name === 'workflow_name' && typeof value === 'string')
    return (
      <Link to="/executions" search={{ workflow_name: value }}>
        <LinkText text={value} limit={120} />
      </Link>
    )
  if (Array.isArray(value)) return <PatternList values={value} />
  return kind === 'text' || kind === 'list' ? (
    <VisibleText text={cellText(value, kind)} limit={300} />
  ) : (
    cellText(value, kind)
  )
}

/** Patterns of errors, each with how often it occurred. */
const PatternList = ({ values }: { readonly values: readonly unknown[] }) => (
  <ul className={classes['patterns']}>
    {values.map((value, index) => {
      const { pattern, count } = Object(value) as { readonly pattern?: unknown; readonly count?: unknown }
      return (
        <li key={index}>
          <b>{cellText(count, 'count')} ×</b>{' '}
          <VisibleText text={typeof pattern === 'string' ? pattern : JSON.stringify(value)} limit={200} />
        </li>
      )
    })}
  </ul>
)

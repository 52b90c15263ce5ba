import { Table } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './administration.module.css'

/** A table of a few columns. */
export interface GridTableProps {
  readonly label: string
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly key: string
    readonly isOver?: boolean
    readonly cells: readonly ReactNode[]
  }[]
  /** What is said when there is no row. */
  readonly none: ReactNode
}

/** Rows under headings; on a narrow screen it scrolls by itself. What is over is shown faintly. */
export function GridTable({ label, columns, rows, none }: GridTableProps) {
  if (rows.length === 0) return <p className={classes['none']}>{none}</p>
  return (
    <div className={classes['tableFrame']} role="region" aria-label={label} tabIndex={0}>
      <Table className={classes['table'] ?? ''}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, isOver, cells }) => (
            <Table.Tr key={key} data-over={isOver || undefined}>
              {cells.map((cell, index) => (
                <Table.Td key={columns[index]}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

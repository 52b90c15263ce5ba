import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useClearing } from './use-clearing.ts'

/** What narrows a list or a report. */
export interface FilterBarProps {
  /** As in `Filter of executions`. */
  readonly label: string
  /** Whether there is anything to clear. */
  readonly isFiltered: boolean
  readonly onClear: () => void
  /** The inputs. */
  readonly children: ReactNode
}

/** Inputs in a row, and a button that clears them while any of them narrows what is listed. */
export function FilterBar({ label, isFiltered, onClear, children }: FilterBarProps) {
  const { inputsKey, clear } = useClearing(onClear)
  return (
    <div className="filters" role="search" aria-label={label} key={inputsKey}>
      {children}
      {isFiltered ? (
        <Button size="xs" variant="subtle" onClick={clear}>
          Clear
        </Button>
      ) : null}
    </div>
  )
}

/** Whether a search narrows at all. */
export const narrows = (search: object): boolean => Object.values(search).some((value) => value !== undefined)

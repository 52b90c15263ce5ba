import type { ReactNode } from 'react'
import { codeOf } from '../connection/failure-code.ts'
import { Failure, type FailureProps } from './failure.tsx'
import { Notice } from './notice.tsx'

/** What kept one thing from being shown that an address names. */
export interface FailureOfOneProps extends FailureProps {
  /** What the address names: `workflow`. */
  readonly thing: string
  /** Why there may be none, and where those are that there are. */
  readonly hint: ReactNode
}

/** That there is none: an id that could be none of any is as one of nothing. */
const codesOfNone: ReadonlySet<string> = new Set([
  'execution_not_found',
  'catalog_entry_not_found',
  'selection_not_found',
  'invalid_filter',
  'invalid_input',
])

/** Says of an address that names nothing that there is no such thing, and of any other trouble what it is. */
export const FailureOfOne = ({ thing, hint, ...failure }: FailureOfOneProps) =>
  codesOfNone.has(codeOf(failure.error)) ? (
    <Notice title={`There is no such ${thing}`} mark="404">
      {hint}
    </Notice>
  ) : (
    <Failure {...failure} />
  )

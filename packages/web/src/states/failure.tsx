import { Button, Group } from '@mantine/core'
import { TrailError } from '@steptrail/client'
import { errorCodes, type ErrorCode } from '@steptrail/event'
import { codeOf, refusalBefore } from '../connection/failure-code.ts'
import { KeyForm } from '../connection/key-form.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { type FailureKind, failureKind, signInBefore } from './failure-kind.ts'
import { Notice } from './notice.tsx'

/** What went wrong, and how to go on. */
export interface FailureProps {
  readonly error: unknown
  /** Tries again, where that may help. */
  readonly onRetry?: (() => void) | undefined
}

/** Says what kept the content from being shown: each kind of trouble as what it is. */
export function Failure({ error, onRetry }: FailureProps) {
  const code = codeOf(error)
  const isRefusedBefore = refusalBefore(error) !== undefined
  const { title, mark } = failureKind(error) ?? kindOfReading(code)
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Notice title={title} {...(mark !== undefined && { mark })} tone="trouble">
      <VisibleText text={message} />
      {isRefusedBefore ? <p>{signInBefore}</p> : <WhatToDo error={error} />}
      {onRetry && (isRefusedBefore || code !== 'unauthenticated') ? (
        <Group justify="center" mt="md">
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        </Group>
      ) : null}
    </Notice>
  )
}

function WhatToDo({ error }: { readonly error: unknown }) {
  if (!(error instanceof TrailError)) return null
  if (error.code === 'unauthenticated' || error.code === 'access_denied') return <KeyForm />
  return <p>{withCommands(errorCodes[error.code].action)}</p>
}

/** What stands between backticks, as the tables of errors write commands and names. */
const withCommands = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>))

const kindOfReading = (code: ErrorCode): FailureKind =>
  code === 'invalid_filter' || code === 'invalid_input'
    ? { title: 'The server does not understand this filter', mark: '400' }
    : { title: errorCodes[code].title, mark: '!' }

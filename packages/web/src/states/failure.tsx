import { Button, Group } from '@mantine/core'
import { TrailError } from '@steptrail/client'
import { errorCodes, type ErrorCode } from '@steptrail/event'
import { codeOf, refusalBefore } from '../connection/failure-code.ts'
import { KeyForm } from '../connection/key-form.tsx'
import { VisibleText } from '../text/visible-text.tsx'
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
  const refusedWith = refusalBefore(error)
  const { title, mark } = refusedWith === undefined ? kindOf(code) : refusedBefore(refusedWith)
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Notice title={title} {...(mark !== undefined && { mark })} tone="trouble">
      <VisibleText text={message} />
      {refusedWith === undefined ? <WhatToDo error={error} /> : <SignInThere />}
      {onRetry && (refusedWith !== undefined || code !== 'unauthenticated') ? (
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

/** A key of ours would change nothing. */
const SignInThere = () => (
  <p>It may be a proxy. Sign in there and load this page again, or ask who runs it.</p>
)

/** What stands between backticks, as the tables of errors write commands and names. */
const withCommands = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>))

interface Kind {
  readonly title: string
  readonly mark?: string
}

const refusedBefore = (status: number): Kind => ({
  title: 'Something before the server refused this',
  ...(status !== 0 && { mark: String(status) }),
})

const kinds: Readonly<Partial<Record<ErrorCode, Kind>>> = {
  unauthenticated: { title: 'The server asks for a key', mark: '401' },
  access_denied: { title: 'This key may not do that', mark: '403' },
  server_unreachable: { title: 'The server does not answer', mark: '⚡' },
  fault: { title: 'Something went wrong', mark: '!' },
  rate_limited: { title: 'Too many requests', mark: '429' },
  invalid_filter: { title: 'The server does not understand this filter', mark: '400' },
  invalid_input: { title: 'The server does not understand this filter', mark: '400' },
}

const kindOf = (code: ErrorCode): Kind => kinds[code] ?? { title: errorCodes[code].title, mark: '!' }

import { Button, Group } from '@mantine/core'
import { errorCodes, type ErrorCode } from '@steptrail/event'
import { codeOf } from '../connection/failure-code.ts'
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
  const { title, mark } = kindOf(code)
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Notice title={title} mark={mark} tone="trouble">
      <VisibleText text={message} />
      {code === 'unauthenticated' || code === 'access_denied' ? <KeyForm /> : <WhatToDo code={code} />}
      {onRetry && code !== 'unauthenticated' ? (
        <Group justify="center" mt="md">
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        </Group>
      ) : null}
    </Notice>
  )
}

function WhatToDo({ code }: { readonly code: string }) {
  const action = Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].action : undefined
  return action === undefined ? null : <p>{action}</p>
}

const kinds: Readonly<Record<string, { readonly title: string; readonly mark: string }>> = {
  unauthenticated: { title: 'The server asks for a key', mark: '401' },
  access_denied: { title: 'This key may not do that', mark: '403' },
  server_unreachable: { title: 'The server does not answer', mark: '⚡' },
  execution_not_found: { title: 'There is no such execution', mark: '404' },
  rate_limited: { title: 'Too many requests', mark: '429' },
  invalid_filter: { title: 'The server does not understand this filter', mark: '400' },
  invalid_input: { title: 'The server does not understand this filter', mark: '400' },
}

const kindOf = (code: string): { readonly title: string; readonly mark: string } =>
  kinds[code] ?? {
    title: Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].title : 'Something went wrong',
    mark: '!',
  }

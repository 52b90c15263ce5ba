import { ActionIcon, Anchor, CopyButton } from '@mantine/core'
import { useMemo, useState } from 'react'
import classes from './json-view.module.css'
import { jsonText } from './json-text.ts'
import { visible } from './visible.ts'

const CopyIcon = () => (
  <svg
    viewBox="0 0 16 16"
    width="13"
    height="13"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    aria-hidden="true"
  >
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 3.5v-1h-8v8h1" />
  </svg>
)

const firstCharacters = 6_000

/** A JSON value as text, with a button that copies it; very much of it is shown when the reader asks. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = useMemo(() => jsonText(value), [value])
  const [isWhole, setIsWhole] = useState(false)
  const isCut = text.length > firstCharacters && !isWhole
  return (
    <div className={classes['frame']}>
      <pre className={classes['json']} tabIndex={0} aria-label={label}>
        <bdi>{visible(isCut ? `${text.slice(0, firstCharacters)}…` : text)}</bdi>
      </pre>
      {isCut ? (
        <Anchor component="button" type="button" size="sm" onClick={() => setIsWhole(true)}>
          Show all {text.length.toLocaleString('en')} characters
        </Anchor>
      ) : null}
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="default"
            size="sm"
            className={classes['copy'] ?? ''}
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy ${label}`}
          >
            {copied ? '✓' : <CopyIcon />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  )
}

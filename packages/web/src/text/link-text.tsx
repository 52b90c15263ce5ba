import { visible } from './visible.ts'

/** Text of somebody else's in a link, where nothing else can be clicked. */
export interface LinkTextProps {
  readonly text: string
  /** Characters that are shown; all are there when the pointer rests on it. */
  readonly limit: number
}

/** Recorded text as text, isolated in its direction of writing, and cut where it is long. */
export const LinkText = ({ text, limit }: LinkTextProps) =>
  text.length <= limit ? (
    <bdi>{visible(text)}</bdi>
  ) : (
    <bdi title={visible(text.slice(0, mostOnHover))}>{visible(text.slice(0, limit))}…</bdi>
  )

const mostOnHover = 2_000

import { Text } from '@mantine/core'
import { useIsPrinting } from './use-is-printing.ts'

/** A long list that is drawn in part. */
export interface PrintedPartProps {
  /** What is drawn, by its places from 0 on. */
  readonly drawn: readonly { readonly index: number }[]
  readonly count: number
  /** What the list is of, as after a number. */
  readonly what: string
}

/** Says on paper that a list is not printed to its end; nothing on the screen, and where it is printed whole. */
export function PrintedPart({ drawn, count, what }: PrintedPartProps) {
  const isPrinting = useIsPrinting()
  if (!isPrinting || drawn.length >= count) return null
  const placeOf = (row: { readonly index: number } | undefined): string =>
    ((row?.index ?? -1) + 1).toLocaleString('en')
  return (
    <Text className="faint" size="sm" p="sm" role="note">
      Printed are {placeOf(drawn[0])} to {placeOf(drawn.at(-1))} of {count.toLocaleString('en')} {what}.
    </Text>
  )
}

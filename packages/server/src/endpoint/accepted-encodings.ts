/** The encodings that a request takes of an answer, by its `accept-encoding`; what it gives no weight, it does not take. */
export function acceptedEncodings(header: string | null | undefined): ReadonlySet<string> {
  const given = (header ?? '').split(',').map((each) => each.split(';').map((part) => part.trim()))
  return new Set(
    given
      .filter(([, weight]) => !/^q=0(\.0*)?$/i.test(weight ?? ''))
      .map(([name = '']) => name.toLowerCase()),
  )
}

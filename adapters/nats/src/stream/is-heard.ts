/** Whether one of the patterns is that of the subject, as NATS has them: `*` is any token, `>` all that follow. */
export const isHeard = (subject: string, patterns: readonly string[] = []): boolean =>
  patterns.some((pattern) => {
    const tokens = pattern.split('.')
    const given = subject.split('.')
    const isEach = tokens.every((token, index) => {
      if (token === '>') return index < given.length
      return token === given[index] || (token === '*' && index < given.length)
    })
    return isEach && (tokens.length === given.length || tokens.at(-1) === '>')
  })

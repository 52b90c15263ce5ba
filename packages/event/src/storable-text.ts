/** Why PostgreSQL would not give the text back as it is, and what to do; null when it would. */
export function problemOfText(text: string): { readonly problem: string; readonly action: string } | null {
  if (!text.isWellFormed())
    return {
      problem: 'holds a lone surrogate',
      action: 'give well-formed Unicode, such as text.toWellFormed()',
    }
  if (text.includes('\u0000')) return { problem: 'holds U+0000', action: 'leave that character out' }
  return null
}

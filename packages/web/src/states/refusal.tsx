import { codeOf, refusalBefore } from '../connection/failure-code.ts'
import { VisibleText } from '../text/visible-text.tsx'
import { Callout } from './callout.tsx'
import { failureKind, signInBefore } from './failure-kind.ts'

/** Says below what a reader sent why it was not taken: each kind of trouble as what it is. */
export const Refusal = ({ error }: { readonly error: unknown }) => (
  <Callout tone="bad" isAnswer title={failureKind(error)?.title ?? 'Refused'}>
    <VisibleText text={error instanceof Error ? error.message : String(error)} /> {whatToDo(error)}
  </Callout>
)

function whatToDo(error: unknown): string | null {
  if (refusalBefore(error) !== undefined) return signInBefore
  return codeOf(error) === 'server_unreachable'
    ? 'It is not known whether it was taken: look before you send it again.'
    : null
}

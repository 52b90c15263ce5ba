import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { useConnection } from '../../connection/connection.tsx'
import { codeOf } from '../../connection/failure-code.ts'
import { keysOf, useTrustedKey } from '../../integrity/trusted-key.ts'
import { Verdict } from '../../integrity/verdict.tsx'
import { verifyPackHere } from '../../integrity/verify-pack-here.ts'
import type { PackAnswer } from '../../integrity/verify-worker.ts'
import { offerFile } from '../../connection/offer-file.ts'
import { Callout } from '../../states/callout.tsx'
import { VisibleText } from '../../text/visible-text.tsx'

type Doing = 'downloading' | 'verifying'

/** What came of it, where there is something to say. */
type Outcome = PackAnswer | { readonly kind: 'unsaved'; readonly trouble: string }

const failureOf = { downloading: 'unsaved', verifying: 'trouble' } as const

/** All that is on record of an execution with its proofs: to keep, or to be verified in this browser at once. */
export function EvidenceActions({ executionId }: { readonly executionId: string }) {
  const { client } = useConnection()
  const [trusted] = useTrustedKey()
  const [doing, setDoing] = useState<Doing | null>(null)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const withPack = async (
    what: Doing,
    use: (bytes: Uint8Array<ArrayBuffer>) => PackAnswer | null | Promise<PackAnswer>,
  ): Promise<void> => {
    setDoing(what)
    setOutcome(null)
    try {
      setOutcome(await use(await client.executions.evidence(executionId)))
    } catch (error) {
      setOutcome({ kind: failureOf[what], trouble: troubleOf(error) })
    } finally {
      setDoing(null)
    }
  }
  const download = () =>
    withPack('downloading', (bytes) => {
      offerFile(new Blob([bytes], { type: 'application/zip' }), `evidence-${executionId}.zip`)
      return null
    })
  const verify = () => withPack('verifying', (bytes) => verifyPackHere(bytes, keysOf(trusted)))
  return (
    <>
      <Group gap="xs">
        <Button size="xs" variant="default" loading={doing === 'verifying'} onClick={() => void verify()}>
          Verify this run
        </Button>
        <Button size="xs" variant="default" loading={doing === 'downloading'} onClick={() => void download()}>
          Evidence pack
        </Button>
      </Group>
      {outcome ? <Told outcome={outcome} /> : null}
    </>
  )
}

const Told = ({ outcome }: { readonly outcome: Outcome }) =>
  outcome.kind === 'unsaved' ? (
    <Callout tone="warning" isAnswer title="The evidence pack was not saved">
      <VisibleText text={outcome.trouble} />
    </Callout>
  ) : (
    <Verdict answer={outcome} />
  )

function troubleOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return codeOf(error) === 'event_not_sealed'
    ? `${message}. What is recorded is sealed within a second or so.`
    : message
}

import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { useConnection } from '../../connection/connection.tsx'
import { codeOf } from '../../connection/failure-code.ts'
import { keysOf, useTrustedKey } from '../../integrity/trusted-key.ts'
import { Verdict } from '../../integrity/verdict.tsx'
import { verifyPackHere } from '../../integrity/verify-pack-here.ts'
import type { PackAnswer } from '../../integrity/verify-worker.ts'
import { offerFile } from '../../connection/offer-file.ts'

type Doing = 'nothing' | 'downloading' | 'verifying'

/** All that is on record of an execution with its proofs: to keep, or to be verified in this browser at once. */
export function EvidenceActions({ executionId }: { readonly executionId: string }) {
  const { client } = useConnection()
  const [trusted] = useTrustedKey()
  const [doing, setDoing] = useState<Doing>('nothing')
  const [answer, setAnswer] = useState<PackAnswer | null>(null)
  const withPack = async (
    what: Doing,
    use: (bytes: Uint8Array<ArrayBuffer>) => Promise<PackAnswer | null>,
  ): Promise<void> => {
    setDoing(what)
    setAnswer(null)
    try {
      setAnswer(await use(await client.executions.evidence(executionId)))
    } catch (error) {
      setAnswer({ kind: 'trouble', trouble: troubleOf(error) })
    } finally {
      setDoing('nothing')
    }
  }
  const download = () =>
    withPack('downloading', async (bytes) => {
      offerFile(new Blob([bytes], { type: 'application/zip' }), `evidence-${executionId}.zip`)
      return await Promise.resolve(null)
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
      {answer ? <Verdict answer={answer} /> : null}
    </>
  )
}

function troubleOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return codeOf(error) === 'event_not_sealed'
    ? `${message}. What is recorded is sealed within a second or so.`
    : message
}

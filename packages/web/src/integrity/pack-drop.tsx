import { Button, FileButton } from '@mantine/core'
import { type DragEvent, useRef, useState } from 'react'
import { VisibleText } from '../text/visible-text.tsx'
import classes from './integrity.module.css'
import { keysOf } from './trusted-key.ts'
import { Verdict } from './verdict.tsx'
import { verifyPackHere } from './verify-pack-here.ts'
import type { PackAnswer } from './verify-worker.ts'

interface Verified {
  readonly name: string
  /** Null while it is verified. */
  readonly answer: PackAnswer | null
}

/** Takes an evidence pack, by drop or by choice, and verifies it here. The file is sent nowhere. */
export function PackDrop({ trustedKey }: { readonly trustedKey: string }) {
  const [verified, setVerified] = useState<Verified | null>(null)
  const [isOver, setIsOver] = useState(false)
  const last = useRef<File | null>(null)
  const take = async (file: File | null | undefined): Promise<void> => {
    if (!file) return
    last.current = file
    setVerified({ name: file.name, answer: null })
    const answer = await answerOn(file, keysOf(trustedKey))
    // A small pack that was given later may have been verified sooner.
    if (last.current === file) setVerified({ name: file.name, answer })
  }
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setIsOver(false)
    void take(event.dataTransfer.files[0])
  }
  return (
    <section aria-label="Verify an evidence pack" className={classes['packs']}>
      <h2>Verify an evidence pack</h2>
      <div
        className={classes['drop']}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setIsOver(true)
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        <p>
          Drop a pack here. It is verified in this browser and sent nowhere;{' '}
          <code>steptrail verify --offline</code> does the same.
        </p>
        <FileButton onChange={(file) => void take(file)} accept=".zip,application/zip">
          {({ onClick }) => (
            <Button variant="default" onClick={onClick}>
              Choose a file
            </Button>
          )}
        </FileButton>
      </div>
      {verified ? (
        <div className={classes['found']}>
          <h3>
            <VisibleText text={verified.name} limit={120} />
          </h3>
          {verified.answer ? <Verdict answer={verified.answer} /> : <p role="status">Being verified …</p>}
        </div>
      ) : null}
    </section>
  )
}

async function answerOn(file: File, keys: readonly string[]): Promise<PackAnswer> {
  try {
    return await verifyPackHere(new Uint8Array(await file.arrayBuffer()), keys)
  } catch (error) {
    // As of a folder, or of a file that is no longer there.
    return { kind: 'trouble', trouble: `It could not be read as a file: ${String(error)}` }
  }
}

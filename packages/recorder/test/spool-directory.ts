import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseAfterTest } from '@steptrail/testkit'
import type { Logger } from '@steptrail/event'
import { type DiskSpool, openSpool } from '../src/node/spool/open-spool.ts'
import type { SpoolOptions } from '../src/node/spool/spool-options.ts'

/** An empty directory that is gone after the test. */
export async function emptyDirectory(...under: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-spool-'))
  releaseAfterTest(() => rm(root, { recursive: true, force: true }))
  return join(root, ...under)
}

/** A spool that is closed after the test. */
export async function opened(options: SpoolOptions): Promise<DiskSpool> {
  const spool = await openSpool({ adoptEveryMs: 0, logger: listening(), ...options })
  releaseAfterTest(() => spool.close())
  return spool
}

/** A logger that keeps what it was told. */
export function listening(): Logger & { readonly told: readonly [message: string, details: object][] } {
  const told: [string, object][] = []
  const tell = (message: string, details: object): void => void told.push([message, details])
  return { told, warn: tell, error: tell }
}

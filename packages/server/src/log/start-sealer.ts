import type { Database } from '@steptrail/core'
import { Sealer } from '@steptrail/log'
import type { ServerOptions } from '../server-options.ts'
import type { Services } from '../services.ts'

/** Begins to seal with what was given; null when nothing was. A trouble that stays is told of once. */
export function startSealer(
  database: Database,
  { sealing, onTrouble }: Pick<ServerOptions, 'sealing'> & Pick<Services, 'onTrouble'>,
): Sealer | null {
  if (!sealing) return null
  let told = ''
  return new Sealer(database, {
    ...sealing,
    onCheckpoint: (published) => {
      told = ''
      sealing.onCheckpoint?.(published)
    },
    onTrouble: ({ error }) => {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== told) onTrouble('the log could not be sealed or signed; trying again', error)
      told = reason
    },
  })
}

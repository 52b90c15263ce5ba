import type { Database } from '@steptrail/core'
import { Outage } from '@steptrail/event'
import { Sealer } from '@steptrail/log'
import type { ServerOptions } from '../server-options.ts'
import type { Services } from '../services.ts'

/** Begins to seal with what was given; null when nothing was. A trouble that stays is told of once, and again when its reason changes. */
export function startSealer(
  database: Database,
  { sealing, onTrouble }: Pick<ServerOptions, 'sealing'> & Pick<Services, 'onTrouble'>,
): Sealer | null {
  if (!sealing) return null
  const outage = new Outage()
  return new Sealer(database, {
    ...sealing,
    onCheckpoint: (published) => {
      outage.over()
      sealing.onCheckpoint?.(published)
    },
    onTrouble: ({ error }) => {
      if (outage.isNews(error)) onTrouble('the log could not be sealed or signed; trying again', error)
    },
  })
}

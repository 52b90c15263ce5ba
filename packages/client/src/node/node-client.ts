import { join } from 'node:path'
import type { RecorderSettings, Spool } from '@steptrail/recorder'
import { spoolOnDemand } from '@steptrail/recorder/node'
import { Client, type ClientOptions } from '../client.ts'
import { baseUrl } from '../connection/connection-options.ts'

/** How a client in Node records; all of it has a default. */
export interface NodeRecorderSettings extends Omit<RecorderSettings, 'spool'> {
  /**
   * Where events survive while the server is away. Default: on disk, in `spoolDirectory`, as soon as there is something
   * to keep. `false`: nowhere, they stay in memory. The client closes one that it is given.
   */
  readonly spool?: Spool | false | undefined
  /** The directory of the spool. Default: one for each server below `./.steptrail/remote-spool`. */
  readonly spoolDirectory?: string | undefined
}

/** What a client in Node is. */
export interface NodeClientOptions extends Omit<ClientOptions, 'recorder'> {
  readonly recorder?: NodeRecorderSettings | undefined
}

/** A client as `createClient` makes it, with a spool on disk: what the server does not take survives this process. */
export function createNodeClient(options: NodeClientOptions): Client {
  const { spool, spoolDirectory: _, ...settings } = options.recorder ?? {}
  const kept = spool === undefined && settings.enabled !== false ? ownSpool(options) : spool
  return new Client({ ...options, recorder: { ...settings, spool: kept === false ? undefined : kept } })
}

function ownSpool({ url, recorder = {} }: NodeClientOptions): Spool {
  const { spoolDirectory, logger } = recorder
  const directory = spoolDirectory ?? join('.steptrail', 'remote-spool', directoryOf(url))
  return spoolOnDemand({ directory, ...(logger && { logger }) })
}

/** Events of one server never go to another: `https://trail.example.com:8443/a` → `https-trail.example.com-8443-a`. */
const directoryOf = (url: string): string => baseUrl(url).replaceAll(/[^A-Za-z0-9.]+/g, '-')

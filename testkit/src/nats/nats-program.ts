import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Why there is no NATS here, and how to get one. */
export const natsMissing =
  'nats-server is not on the PATH, so what needs NATS JetStream is not tested; ' +
  'install it (Debian: apt-get install nats-server; 2.9 or later)'

/** The program `nats-server` of this machine; undefined where there is none. */
export function natsProgram(): string | undefined {
  // Debian puts it where only root looks.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, 'nats-server')).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

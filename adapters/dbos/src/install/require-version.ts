import { TrailError } from '@steptrail/event'
import { installedVersion } from './tables.ts'

/** What is installed: in which schema, and of which version. */
interface Installed {
  readonly where: string
  readonly version: number
}

/** What a newer version has installed, an older one would not know to keep, nor to take. */
export function requireNoNewer({ where, version }: Installed): void {
  if (version <= installedVersion) return
  throw new TrailError(
    'schema_newer',
    `${where} is of version ${version}, and this adapter installs version ${installedVersion}: use the newer adapter. Nothing was changed`,
    { details: { version } },
  )
}

/** What is installed is what this adapter would install. */
export function requireVersion({ where, version }: Installed): void {
  requireNoNewer({ where, version })
  if (version === installedVersion) return
  throw new TrailError(
    'schema_outdated',
    `${where} is of version ${version}, and this adapter takes from version ${installedVersion}: call install of this version`,
    { details: { version } },
  )
}

import { TrailError } from '@steptrail/event'

/** What is installed, and what this adapter would install. */
interface Versions {
  readonly where: string
  readonly version: number
  readonly installedVersion: number
}

/** What a newer version has installed, an older one would not know to keep, nor to take. */
export function requireNoNewer({ where, version, installedVersion }: Versions): void {
  if (version <= installedVersion) return
  throw new TrailError(
    'schema_newer',
    `${where} is of version ${version}, and this adapter installs version ${installedVersion}: use the newer adapter. Nothing was changed`,
    { details: { version } },
  )
}

/** What is installed is what this adapter would install. */
export function requireVersion(versions: Versions): void {
  requireNoNewer(versions)
  const { where, version, installedVersion } = versions
  if (version === installedVersion) return
  throw new TrailError(
    'schema_outdated',
    `${where} is of version ${version}, and this adapter takes from version ${installedVersion}: call install of this version`,
    { details: { version } },
  )
}

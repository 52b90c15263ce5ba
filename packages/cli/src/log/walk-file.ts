import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { WalkPosition } from '@steptrail/log'
import { base64Of, bytesOfBase64 } from '@steptrail/verify'

const pathIn = (directory: string): string => join(directory, 'verify.json')

/** Keeps where a verification was interrupted, for the next to go on from there. */
export async function keepPosition(directory: string, { origin, size, edge }: WalkPosition): Promise<void> {
  await makeDirectory(directory, 0o700)
  await writeFile(pathIn(directory), `${JSON.stringify({ origin, size, edge: edge.map(base64Of) })}\n`, {
    mode: 0o600,
  })
}

/** Where the last verification was interrupted. Throws `invalid_configuration` where none was, or the file is none. */
export async function readPosition(directory: string): Promise<WalkPosition> {
  const text = await readFile(pathIn(directory), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw nothingKept(directory)
    throw error
  })
  const position = positionOf(text)
  if (position) return position
  throw new TrailError(
    'invalid_configuration',
    `${pathIn(directory)} does not hold what an interrupted verification leaves: delete it, and verify from the beginning`,
  )
}

/** Forgets it. */
export const forgetPosition = (directory: string): Promise<void> => rm(pathIn(directory), { force: true })

const nothingKept = (directory: string): TrailError =>
  new TrailError(
    'invalid_configuration',
    `no verification was interrupted that ${directory} knows of: leave --resume out, and verify from the beginning`,
  )

function positionOf(text: string): WalkPosition | null {
  const [, origin = '', size = '', edge = ''] =
    /^\{"origin":"([^"\\]+)","size":(\d{1,15}),"edge":\[([A-Za-z0-9+/=",]*)\]\}\n$/.exec(text) ?? []
  const hashes = edge === '' ? [] : edge.split(',').map((hash) => bytesOfBase64(hash.slice(1, -1)))
  if (origin === '' || !hashes.every((hash) => hash?.length === 32)) return null
  if (hashes.length !== edgeLengthOf(Number(size))) return null
  return { origin, size: Number(size), edge: hashes as readonly Uint8Array[] }
}

/** Full subtrees at the right edge of a tree: one for each bit of its size. */
const edgeLengthOf = (size: number): number => size.toString(2).replaceAll('0', '').length

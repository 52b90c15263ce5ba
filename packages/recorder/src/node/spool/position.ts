import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { positionDraftFile, positionFile } from './directory-name.ts'
import { hasCode, type SpoolFiles } from './spool-files.ts'

/** A place in a directory: everything before it is settled. */
export interface Position {
  /** The number of a segment. */
  readonly segment: number
  /** Where a record begins in it; 0 is its beginning. */
  readonly offset: number
}

/** Before everything. */
export const beginning: Position = { segment: 0, offset: 0 }

/**
 * How far a directory is settled. A position that is not there or cannot be read is the beginning: events are then
 * replayed again, which their ids make harmless.
 */
export async function readPosition(files: SpoolFiles, directory: string): Promise<Position> {
  try {
    return parsePosition((await files.read(join(directory, positionFile))).toString('utf8')) ?? beginning
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return beginning
    throw error
  }
}

/**
 * Keeps a position: a new file is renamed over the old one, so that a reader finds one or the other. It is not synced,
 * since losing it only repeats a replay.
 */
export async function writePosition(files: SpoolFiles, directory: string, position: Position): Promise<void> {
  const draft = join(directory, positionDraftFile)
  await files.remove(draft)
  const file = await files.create(draft)
  try {
    await file.write(Buffer.from(positionText(position)), 0)
  } finally {
    await file.close()
  }
  await files.rename(draft, join(directory, positionFile))
}

/** With a checksum: a position too far on would take events for settled that are not. */
function positionText({ segment, offset }: Position): string {
  const position = { segment, offset }
  return `${JSON.stringify({ ...position, checksum: crc32(JSON.stringify(position)) })}\n`
}

function parsePosition(text: string): Position | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isPosition(value) && positionText(value) === text ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isPosition = (value: unknown): value is Position =>
  typeof value === 'object' &&
  value !== null &&
  'segment' in value &&
  'offset' in value &&
  Number.isSafeInteger(value.segment) &&
  Number.isSafeInteger(value.offset)

import { readFile, stat } from 'node:fs/promises'
import { TrailError } from '@steptrail/event'
import { type History, parseHistory } from '@steptrail/temporal/history'

/** Temporal ends a history at 50 MB; in JSON, with its values in base64, it is a few times that. */
const mostBytes = 256 * 1024 * 1024

/**
 * Reads a history that Temporal has exported to a file.
 *
 * @throws TrailError `invalid_input` for a file that cannot be read or is no
 *   history, `limit_exceeded` for one over 256 MiB
 */
export async function readHistoryFile(file: string, workflowId: string | undefined): Promise<History> {
  try {
    const { size } = await stat(file)
    if (size > mostBytes)
      throw new TrailError(
        'limit_exceeded',
        `the history ${file} has ${size} bytes, over ${mostBytes}: that is no history of one run, which Temporal ends at 50 MB`,
        { details: { file, size } },
      )
    return parseHistory(textOf(await readFile(file)), { name: file, workflowId })
  } catch (error) {
    if (error instanceof TrailError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new TrailError('invalid_input', `the history ${file} cannot be read: ${message}`, { cause: error })
  }
}

/** As its first bytes say: PowerShell writes what a program prints in UTF-16. Without any it is UTF-8. */
function textOf(bytes: Buffer): string {
  const [first, second] = bytes
  if (first === 0x1f && second === 0x8b) throw new Error('it is compressed: unpack it with gunzip')
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding, { fatal: true }).decode(bytes)
}

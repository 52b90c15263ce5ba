import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type ErrorCode, TrailError } from '@steptrail/event'
import type { Surroundings } from './surroundings.ts'

/** Which option it is, and what its errors are called. */
interface JsonOption {
  readonly option: string
  readonly code: ErrorCode
}

/** An option's JSON: given as it is, in `@FILE`, or with `-` on standard input. Throws an error of the option's code. */
export async function readJson(given: string, option: JsonOption, { stdin }: Surroundings): Promise<unknown> {
  const [json, from] = await readText(given, option, stdin)
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    const { message } = error as SyntaxError
    throw new TrailError(option.code, `the JSON ${from} is not valid: ${message}`, { cause: error })
  }
}

async function readText(
  given: string,
  { option, code }: JsonOption,
  stdin: Surroundings['stdin'],
): Promise<readonly [json: string, from: string]> {
  if (given === '-') return [await text(stdin), 'on standard input']
  if (!given.startsWith('@')) return [given, `given with ${option}`]
  const file = given.slice(1)
  try {
    return [await readFile(file, 'utf8'), `in ${file}`]
  } catch (error) {
    const { message } = error as NodeJS.ErrnoException
    throw new TrailError(code, `the file ${file} cannot be read: ${message}`, { cause: error })
  }
}

import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { SharedServerAnswer } from './shared-server.ts'

/**
 * Asks the run's shared server, at its door, for its URL; the first who asks makes it start.
 *
 * @throws Error that says why there is none.
 */
export async function askAtDoor(door: string): Promise<string> {
  const answer = JSON.parse(await text(connect(door))) as SharedServerAnswer
  if ('error' in answer) throw new Error(`no PostgreSQL for the tests: ${answer.error}`)
  return answer.url
}

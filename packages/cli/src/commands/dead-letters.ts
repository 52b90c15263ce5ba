import type { DeadLetter } from '@steptrail/nats'
import type { Command } from 'commander'
import { terminalFor, withExamples, writeJson, writeLines } from '../command-scope.ts'
import { numberFromOne } from '../option-values.ts'
import { natsServers, natsStream } from '../role-settings.ts'
import type { Surroundings } from '../surroundings.ts'
import { drawTable } from '../terminal/table.ts'
import type { Environment, Terminal } from '../terminal/terminal.ts'

interface Flags {
  readonly nats?: string
  readonly limit: number
  readonly json?: boolean
}

/** `steptrail dead-letters`: what services have published to the stream and can never be on record. */
export function addDeadLetters(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('dead-letters')
    .description('List what was published to NATS JetStream and can never be on record, with the reason.')
    .option('--nats <urls>', 'nodes of NATS (default: $NATS_URL)')
    .option('--limit <number>', 'list at most so many, the oldest first', numberFromOne, 100)
    .option('--json', 'print one JSON document and nothing else')
  withExamples(command, [
    ['dead-letters --nats nats://nats-1:4222,nats://nats-2:4222', 'what an operator looks at after an alert'],
    [
      'dead-letters --json | jq -r .deadLetters[0].text',
      'what the oldest said, to correct and publish it anew',
    ],
  ]).action(async (flags: Flags) => {
    const { letters, more } = await readSome(flags, surroundings.env)
    if (flags.json) return writeJson(surroundings, { deadLetters: letters.map(asDocument), more })
    if (letters.length === 0) return writeLines(surroundings, ['There is no dead letter.'])
    writeLines(surroundings, drawLetters(letters, terminalFor(surroundings)))
    if (more)
      writeLines(surroundings, ['', `There are more: --limit ${flags.limit * 10} shows more of them.`])
  })
}

async function readSome(
  flags: Flags,
  env: Environment,
): Promise<{ readonly letters: readonly DeadLetter[]; readonly more: boolean }> {
  const { limit } = flags
  const options = { servers: natsServers(flags, env), stream: natsStream(env) }
  // Only who looks into a stream waits for what that needs.
  const { natsConnectionFromEnv, readDeadLetters } = await import('@steptrail/nats')
  const letters: DeadLetter[] = []
  for await (const letter of readDeadLetters({ ...options, connection: natsConnectionFromEnv(env) })) {
    if (letters.length === limit) return { letters, more: true }
    letters.push(letter)
  }
  return { letters, more: false }
}

/** What it said is given byte by byte, and as text where it is text. */
function asDocument({ data, ...letter }: DeadLetter): Readonly<Record<string, unknown>> {
  return { ...letter, text: textOf(data), base64: Buffer.from(data).toString('base64') }
}

function textOf(data: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

function drawLetters(letters: readonly DeadLetter[], terminal: Terminal): readonly string[] {
  return drawTable(
    [
      { title: '#', align: 'right' },
      { title: 'published (UTC)' },
      { title: 'outcome' },
      { title: 'id', gives: 3 },
      { title: 'bytes', align: 'right', gives: 2 },
      { title: 'reason', gives: 1, least: 20 },
    ],
    letters.map(({ sequence, publishedAt, outcome, messageId, bytes, reason }) => [
      { text: String(sequence), styles: ['dim'] },
      { text: publishedAt.slice(0, 19).replace('T', ' '), styles: ['dim'] },
      { text: outcome, styles: ['red'] },
      { text: messageId ?? '', styles: ['dim'] },
      { text: String(bytes) },
      { text: reason },
    ]),
    terminal,
  )
}

import { Readable, Writable } from 'node:stream'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { Discovery } from '@steptrail/catalog'
import { createTrail } from '@steptrail/core'
import type { Command } from 'commander'
import { type CommonFlags, withExamples, withTrail } from '../command-scope.ts'
import { createMcpServer } from '../mcp/create-mcp-server.ts'
import { packageVersion } from '../package-version.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags {
  readonly agent?: string
  readonly tenant: string
}

/** `steptrail mcp`: the catalogue for agents, over standard input and output, until the agent closes them. */
export function addMcp(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('mcp')
    .description(
      'Serve the catalogue to an agent over the Model Context Protocol, on standard input and output.',
    )
    .option('--agent <name>', 'who the agent is on record (default: what its client calls itself)')
    .option('--tenant <name>', 'whose catalogue', 'default')
    .option('--database <url>', 'PostgreSQL database (default: $DATABASE_URL, else the embedded one)')
    .option('--data-dir <directory>', 'embedded database (default: $STEPTRAIL_DATA_DIR, else ./.steptrail)')
    .option('--schema <name>', 'schema of the trail (default: $STEPTRAIL_SCHEMA, else steptrail)')
  withExamples(command, [
    ['mcp --agent planner', 'what an MCP client starts; it asks list_actions and so on'],
  ]).action(async (flags: Flags) => {
    await withTrail(flags, surroundings, async (database) => {
      await using trail = createTrail(database)
      const { agent, tenant } = flags
      const server = createMcpServer({
        discovery: new Discovery({ database, recorder: trail.recorder }),
        tenant,
        agent,
        version: packageVersion(),
        onTrouble: (message, cause) =>
          void surroundings.stderr.write(
            `${message}: ${cause instanceof Error ? cause.message : String(cause)}\n`,
          ),
      })
      const input = Readable.from(surroundings.stdin)
      const ended = new Promise<void>((resolve) => {
        surroundings.signal.addEventListener('abort', () => resolve(), { once: true })
        input.once('end', resolve)
      })
      await server.connect(new StdioServerTransport(input, writableOf(surroundings)))
      await ended
      await server.close()
    })
  })
}

const writableOf = ({ stdout }: Surroundings): Writable =>
  new Writable({
    write: (chunk: Buffer, _, done) => {
      stdout.write(chunk.toString())
      done()
    },
  })

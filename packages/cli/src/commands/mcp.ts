import { Discovery } from '@steptrail/catalog'
import { createTrail } from '@steptrail/core'
import { createClient } from '@steptrail/client'
import { type Command, Option } from 'commander'
import { type CommonFlags, withExamples, withTrail } from '../command-scope.ts'
import { catalogInDatabase, catalogOfServer } from '../mcp/agent-catalog.ts'
import { AnsweringTransport } from '../mcp/answering-transport.ts'
import { callsUnderWay } from '../mcp/calls-under-way.ts'
import { createMcpServer, type McpOptions } from '../mcp/create-mcp-server.ts'
import { packageVersion } from '../package-version.ts'
import { spooling } from '../spool/spool-directory.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags {
  readonly agent?: string
  readonly tenant?: string
  readonly server?: string
}

/** `steptrail mcp`: the catalogue for agents, over standard input and output, until the agent closes them. */
export function addMcp(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('mcp')
    .description(
      'Serve the catalogue to an agent over the Model Context Protocol, on standard input and output.',
    )
    .option('--agent <name>', 'who the agent is on record (default: what its client calls itself)')
    .option('--tenant <name>', 'whose catalogue (default: default)')
    .addOption(
      new Option(
        '--server <url>',
        'the catalogue of this server, over HTTP, with the key in $STEPTRAIL_API_KEY, which says who asks',
      ).conflicts(['database', 'dataDir', 'schema', 'agent', 'tenant']),
    )
    .option('--database <url>', 'PostgreSQL database (default: $DATABASE_URL, else the embedded one)')
    .option('--data-dir <directory>', 'embedded database (default: $STEPTRAIL_DATA_DIR, else ./.steptrail)')
    .option('--schema <name>', 'schema of the trail (default: $STEPTRAIL_SCHEMA, else steptrail)')
  withExamples(command, [
    ['mcp --agent planner', 'what an MCP client starts; it asks list_actions and so on'],
    ['mcp --server https://trail.example', 'without access to the database'],
  ]).action(async (flags: Flags) => {
    const { server: url, agent, tenant = 'default' } = flags
    if (url !== undefined) {
      const apiKey = surroundings.env['STEPTRAIL_API_KEY'] || undefined
      return await serve({ catalog: catalogOfServer(createClient({ url, apiKey }).discovery) }, surroundings)
    }
    await withTrail(flags, surroundings, async (database) => {
      await using trail = createTrail(database, spooling(surroundings.env))
      const discovery = new Discovery({ database, recorder: trail.recorder })
      await serve({ catalog: catalogInDatabase(discovery, tenant), agent }, surroundings)
    })
  })
}

/** How long calls that are under way hold up the end. */
const endWithinMs = 5_000

async function serve(
  { catalog, agent }: Pick<McpOptions, 'catalog' | 'agent'>,
  { stderr, stdin, stdout, signal, onReaderGone }: Surroundings,
): Promise<void> {
  const onTrouble = (message: string, cause: unknown): void =>
    void stderr.write(`${message}: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  const calls = callsUnderWay(catalog)
  const server = createMcpServer({ catalog: calls.catalog, agent, version: packageVersion(), onTrouble })
  const transport = new AnsweringTransport({ input: stdin, write: (text) => void stdout.write(text) })
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    onReaderGone?.(resolve)
  })
  await server.connect(transport)
  await Promise.race([stopped, transport.answered()])
  await server.close()
  await calls.ended(endWithinMs)
}

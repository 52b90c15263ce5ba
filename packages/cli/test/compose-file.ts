import { readFileSync } from 'node:fs'
import { isCollection, parse, parseDocument, visit } from 'yaml'
import { z } from 'zod'

/** The parts of a compose file that ours use, and no others: a misspelt key would be passed over in silence. */
const service = z.strictObject({
  image: z.string().regex(/^[a-z]+(\/[a-z]+)?:v?\d[\w.-]*$/, 'names an image with its version'),
  build: z.strictObject({ context: z.literal('..'), dockerfile: z.string() }).optional(),
  pull_policy: z.literal('never').optional(),
  command: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'listens on loopback alone')).default([]),
  init: z.literal(true).optional(),
  shm_size: z
    .string()
    .regex(/^\d+m$/)
    .optional(),
  restart: z.literal('unless-stopped').optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  logging: z.strictObject({
    driver: z.literal('json-file'),
    options: z.strictObject({
      'max-size': z.string().regex(/^\d+m$/),
      'max-file': z.string().regex(/^\d+$/),
    }),
  }),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD-SHELL'), z.string()]),
      interval: z.string().regex(/^\d+s$/),
      retries: z.int().positive(),
      start_period: z
        .string()
        .regex(/^\d+s$/)
        .optional(),
    })
    .optional(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .default({}),
})

/** What several services share: each merges it in. */
const shared = z.record(z.string(), z.unknown())

const composeFile = z.strictObject({
  name: z.string(),
  'x-steptrail': shared,
  'x-server': shared.optional(),
  'x-ingester': shared.optional(),
  'x-nats': shared.optional(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
})

/** The directory of the compose files. */
export const operations = new URL('../../../ops/', import.meta.url)

/** A service of a compose file. */
export type ComposeService = z.output<typeof service>

/** Reads a YAML file beneath {@link operations}. */
export function readYaml(path: string): unknown {
  return parse(readFileSync(new URL(path, operations), 'utf8'), { merge: true })
}

/** Reads a compose file; throws when it holds anything that ours do not need. */
export function readCompose(path: string): z.output<typeof composeFile> {
  return composeFile.parse(readYaml(path))
}

/**
 * Plain texts in a line's list or map with a character that Docker Compose takes for syntax there: its parser of YAML
 * ends them at it, and refuses the file. Ours does not.
 */
export function unreadableTexts(path: string): readonly string[] {
  const found: string[] = []
  visit(parseDocument(readFileSync(new URL(path, operations), 'utf8')), {
    Scalar: (_, { type, source = '' }, within) => {
      const isInLine = within.some((node) => isCollection(node) && node.flow)
      if (isInLine && type === 'PLAIN' && /[?[\]{}]/.test(source)) found.push(source)
    },
  })
  return found
}

/** What the image of the server is made of, and begins with. */
export function readImage(path: string) {
  const lines = readFileSync(new URL(path, operations), 'utf8').replaceAll('\\\n', ' ')
  const all = (instruction: string): readonly string[] =>
    [...lines.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].map(([, rest = '']) => rest)
  return {
    user: all('USER').at(-1),
    directory: all('WORKDIR').at(-1),
    runs: all('RUN'),
    entrypoint: z.array(z.string()).parse(JSON.parse(all('ENTRYPOINT').at(-1) ?? '[]')),
    command: z.array(z.string()).parse(JSON.parse(all('CMD').at(-1) ?? '[]')),
    environment: Object.fromEntries(
      all('ENV')
        .flatMap((pairs) => pairs.trim().split(/\s+/))
        .map((pair) => pair.split('=', 2) as [string, string]),
    ),
  }
}

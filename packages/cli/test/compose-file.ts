import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

/** The parts of a compose file that ours use, and no others: a misspelt key would be passed over in silence. */
const service = z.strictObject({
  image: z.string().regex(/^[a-z]+(\/[a-z]+)?:v?\d[\w.-]*$/, 'names an image with its version'),
  command: z.string().optional(),
  working_dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'listens on loopback alone')).default([]),
  network_mode: z
    .string()
    .regex(/^service:\w+$/)
    .optional(),
  restart: z.literal('unless-stopped').optional(),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD-SHELL'), z.string()]),
      interval: z.string().regex(/^\d+s$/),
      retries: z.int().positive(),
    })
    .optional(),
  depends_on: z
    .union([
      z.array(z.string()),
      z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })),
    ])
    .default([]),
})

/** What several services share: each merges it in. */
const shared = z.record(z.string(), z.unknown())

const composeFile = z.strictObject({
  'x-steptrail': shared.optional(),
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

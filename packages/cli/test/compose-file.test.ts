import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { settings } from '../src/settings.ts'

/** The parts of a compose file that ours uses, and no others: a misspelt key would be passed over in silence. */
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
const composeFile = z.strictObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
})

const operations = new URL('../../../ops/', import.meta.url)
const read = (path: string): unknown => parse(readFileSync(new URL(path, operations), 'utf8'))

describe('the compose file', () => {
  const { services, volumes } = composeFile.parse(read('compose.yml'))
  const used = Object.values(services)
  const mounts = used.flatMap((each) => each.volumes.map((volume) => volume.split(':')))

  it('starts a database, the server, Prometheus and Grafana', () => {
    expect(Object.keys(services)).toEqual(['postgres', 'steptrail', 'prometheus', 'grafana'])
  })

  it('mounts what is there, and declares each volume that it uses', () => {
    const own = mounts.filter(([from = '']) => from.startsWith('.'))
    expect(own.length).toBeGreaterThan(3)
    for (const [from = ''] of own)
      expect(existsSync(fileURLToPath(new URL(from, operations))), from).toBe(true)
    const named = mounts.map(([from = '']) => from).filter((from) => !from.startsWith('.'))
    expect(named.toSorted()).toEqual(Object.keys(volumes).toSorted())
  })

  it('waits for services that are there, and for the health only of those that tell it', () => {
    for (const { depends_on: before, network_mode: network } of used) {
      const names = Array.isArray(before) ? before : Object.keys(before)
      for (const name of names) {
        expect(services).toHaveProperty(name)
        if (!Array.isArray(before)) expect(services[name]?.healthcheck, name).toBeDefined()
      }
      if (network) expect(services).toHaveProperty(network.slice('service:'.length))
    }
  })

  it('keeps the files of the database where its image has them, and asks for its health by address', () => {
    const { image = '', volumes: kept, healthcheck } = services['postgres'] ?? {}
    const isOld = Number(image.split(':')[1]) < 18
    expect(kept).toEqual([`postgres:/var/lib/postgresql${isOld ? '/data' : ''}`])
    expect(healthcheck?.test[1]).toContain('-h 127.0.0.1')
  })

  it('runs the command of this checkout, with settings that it has', () => {
    const {
      command = '',
      environment,
      working_dir: directory,
      volumes: mounted,
    } = services['steptrail'] ?? {}
    expect(mounted).toContain(`..:${directory}`)
    const known = new Set(settings.map(({ variable }) => variable))
    expect(Object.keys(environment ?? {}).filter((variable) => !known.has(variable))).toEqual([])
    const programs = [...command.matchAll(/node (\S+)/g)].map(([, program = '']) => program)
    expect(programs).toHaveLength(2)
    for (const program of programs)
      expect(existsSync(new URL(`../${program}`, operations)), program).toBe(true)
  })

  it('asks for the password of the database, and gives the server the same', () => {
    const {
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: name,
    } = services['postgres']?.environment ?? {}
    expect(password).toMatch(/^\$\{STEPTRAIL_DB_PASSWORD:\?.+\}$/)
    expect(services['steptrail']?.environment).toMatchObject({
      DATABASE_URL: `postgres://${user}:\${STEPTRAIL_DB_PASSWORD}@postgres/${name}`,
    })
  })

  it('has Prometheus scrape the port that the server listens on, by rules that are mounted', () => {
    const { scrape_configs: scrapes, rule_files: rules } = z
      .object({
        scrape_configs: z.array(
          z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
        ),
        rule_files: z.array(z.string()),
      })
      .parse(read('prometheus/prometheus.yml'))
    const port = settings.find(({ variable }) => variable === 'STEPTRAIL_PORT')?.fallback
    expect(scrapes.flatMap((each) => each.static_configs)).toEqual([{ targets: [`127.0.0.1:${port}`] }])
    const inside = (services['prometheus']?.volumes ?? []).map((volume) => volume.split(':')[1])
    expect(inside).toEqual(expect.arrayContaining(rules))
  })

  it('has Grafana show the dashboards that are mounted, from that Prometheus', () => {
    const { providers } = z
      .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
      .parse(read('grafana/provisioning/dashboards/steptrail.yml'))
    const mounted = (services['grafana']?.volumes ?? []).map((volume) => volume.split(':')[1])
    for (const { options } of providers) expect(mounted).toContain(options.path)
    const { datasources } = z
      .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
      .parse(read('grafana/provisioning/datasources/prometheus.yml'))
    expect(datasources).toEqual([{ uid: 'steptrail', url: 'http://127.0.0.1:9090' }])
    const dashboard = readFileSync(new URL('grafana/dashboards/steptrail.json', operations), 'utf8')
    const sources = [...dashboard.matchAll(/"type":\s*"prometheus",\s*"uid":\s*"([^"]*)"/g)].map(
      ([, uid]) => uid,
    )
    expect(new Set(sources)).toEqual(new Set(['steptrail']))
  })
})

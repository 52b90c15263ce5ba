import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serverRoles } from '@steptrail/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { settings } from '../src/settings.ts'
import { type ComposeService, operations, readCompose, readYaml } from './compose-file.ts'

/** What the containers of the server run, and with what. */
function holdsToCheckout({
  command = '',
  environment,
  working_dir: directory,
  volumes,
}: ComposeService): void {
  expect(volumes).toContain(`..:${directory}`)
  const known = new Set(settings.map(({ variable }) => variable))
  expect(Object.keys(environment).filter((variable) => !known.has(variable))).toEqual([])
  const programs = [...command.matchAll(/node (\S+)/g)].map(([, program = '']) => program)
  expect(programs).not.toEqual([])
  for (const program of programs) expect(existsSync(new URL(`../${program}`, operations)), program).toBe(true)
}

describe.each(['compose.yml', 'fleet.compose.yml'])('the compose file %s', (path) => {
  const { services, volumes } = readCompose(path)
  const used = Object.values(services)
  const mounts = used.flatMap((each) => each.volumes.map((volume) => volume.split(':')))

  it('mounts what is there, and declares each volume that it uses', () => {
    const own = mounts.filter(([from = '']) => from.startsWith('.'))
    expect(own.length).toBeGreaterThan(3)
    for (const [from = ''] of own)
      expect(existsSync(fileURLToPath(new URL(from, operations))), from).toBe(true)
    const named = mounts.map(([from = '']) => from).filter((from) => !from.startsWith('.'))
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(volumes).toSorted())
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
    for (const each of used.filter(({ working_dir: directory }) => directory !== undefined))
      holdsToCheckout(each)
  })

  it('asks for the password of the database, and gives each server the same', () => {
    const {
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: name,
    } = services['postgres']?.environment ?? {}
    expect(password).toMatch(/^\$\{STEPTRAIL_DB_PASSWORD:\?.+\}$/)
    const connecting = used.filter(({ working_dir: directory }) => directory !== undefined)
    expect(connecting).not.toEqual([])
    for (const { environment } of connecting)
      expect(environment).toMatchObject({
        DATABASE_URL: `postgres://${user}:\${STEPTRAIL_DB_PASSWORD}@postgres/${name}`,
      })
  })
})

describe('the compose file for one server', () => {
  const { services } = readCompose('compose.yml')

  it('starts a database, the server, Prometheus and Grafana', () => {
    expect(Object.keys(services)).toEqual(['postgres', 'steptrail', 'prometheus', 'grafana'])
  })

  it('has Prometheus scrape the port that the server listens on, by rules that are mounted', () => {
    const { scrape_configs: scrapes, rule_files: rules } = z
      .object({
        scrape_configs: z.array(
          z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
        ),
        rule_files: z.array(z.string()),
      })
      .parse(readYaml('prometheus/prometheus.yml'))
    const port = settings.find(({ variable }) => variable === 'STEPTRAIL_PORT')?.fallback
    expect(scrapes.flatMap((each) => each.static_configs)).toEqual([{ targets: [`127.0.0.1:${port}`] }])
    const inside = (services['prometheus']?.volumes ?? []).map((volume) => volume.split(':')[1])
    expect(inside).toEqual(expect.arrayContaining(rules))
  })

  it('has Grafana show the dashboards that are mounted, from that Prometheus', () => {
    const { providers } = z
      .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
      .parse(readYaml('grafana/provisioning/dashboards/steptrail.yml'))
    const mounted = (services['grafana']?.volumes ?? []).map((volume) => volume.split(':')[1])
    for (const { options } of providers) expect(mounted).toContain(options.path)
    const { datasources } = z
      .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
      .parse(readYaml('grafana/provisioning/datasources/prometheus.yml'))
    expect(datasources).toEqual([{ uid: 'steptrail', url: 'http://127.0.0.1:9090' }])
    const dashboard = readFileSync(new URL('grafana/dashboards/steptrail.json', operations), 'utf8')
    const sources = [...dashboard.matchAll(/"type":\s*"prometheus",\s*"uid":\s*"([^"]*)"/g)].map(
      ([, uid]) => uid,
    )
    expect(new Set(sources)).toEqual(new Set(['steptrail']))
  })
})

describe('the compose file for a fleet', () => {
  const { services } = readCompose('fleet.compose.yml')
  const nodes = ['nats-1', 'nats-2', 'nats-3']

  it('has three nodes of one cluster, each with the routes to the others and a store of its own', () => {
    for (const node of nodes) {
      const { command = '', volumes = [] } = services[node] ?? {}
      expect(command).toContain(`-n ${node} -js -sd /data`)
      expect(command).toContain('--cluster_name trail')
      const routes = nodes.filter((other) => other !== node).map((other) => `nats://${other}:6222`)
      expect(command).toContain(`--routes ${routes.join(',')}`)
      expect(volumes).toEqual([`${node}:/data`])
    }
  })

  it('has a node of NATS that is well before it has found the others, which a command alone does not start', () => {
    for (const node of nodes)
      expect(services[node]?.healthcheck?.test[1]).toContain('/healthz?js-enabled-only=true')
  })

  it('has each role twice, and every node known to all', () => {
    const roles = Object.values(services).flatMap(
      ({ command = '' }) => /--roles (\S+)/.exec(command)?.[1] ?? [],
    )
    const each = roles.flatMap((given) => given.split(',')).toSorted()
    expect(each).toEqual([...serverRoles, ...serverRoles].toSorted())
    const told = Object.values(services).flatMap(({ environment }) => environment['NATS_URL'] ?? [])
    expect(new Set(told)).toEqual(new Set([nodes.map((node) => `nats://${node}:4222`).join(',')]))
  })

  it('has one key and one memory of what was signed, whoever seals', () => {
    const sealing = Object.values(services).filter(({ command = '' }) => command.includes('seal'))
    const kept = sealing.map(({ volumes }) =>
      volumes.filter((volume) => volume.endsWith(':/var/lib/steptrail')),
    )
    expect(new Set(kept.flat()).size).toBe(1)
    for (const { environment } of sealing)
      expect(environment['STEPTRAIL_LOG_DIR']).toMatch(/^\/var\/lib\/steptrail\//)
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serverRoles } from '@steptrail/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { settings } from '../src/settings.ts'
import {
  type ComposeService,
  operations,
  readCompose,
  readImage,
  readYaml,
  unreadableTexts,
} from './compose-file.ts'

const image = readImage('Dockerfile')
const known = new Set(settings.map(({ variable }) => variable))

/** What the driver of PostgreSQL reads by itself. */
const ofDriver = new Set(['PGPASSWORD'])

const isOurs = ({ image: name }: ComposeService): boolean => name.startsWith('steptrail:')
const serves = (each: ComposeService): boolean => isOurs(each) && each.command !== 'migrate'

describe('the image of the server', () => {
  it('starts the program of this checkout, whose dependencies and pages it has', () => {
    expect(image.entrypoint[0]).toBe('node')
    expect(existsSync(new URL(`../${image.entrypoint[1]}`, operations))).toBe(true)
    expect(image.command).toEqual(['serve'])
    const made = image.runs.join('\n')
    expect(made).toContain('npm ci')
    const [, builder = ''] = /node (\S+)/.exec(made) ?? []
    expect(existsSync(new URL(`../${builder}`, operations)), builder).toBe(true)
    const left = readFileSync(new URL('../.dockerignore', operations), 'utf8').split('\n')
    expect(left).toEqual(
      expect.arrayContaining(['.git', '**/.steptrail', '**/.env', '**/node_modules', '**/dist']),
    )
  })

  it('is nobody who may write its program, and owns each directory that a setting names', () => {
    expect(image.user).toBe('node')
    expect(Object.keys(image.environment).filter((variable) => !known.has(variable))).toEqual([])
    const [, names = ''] =
      /cd \/var\/lib && install -d -o node -g node -m 700 (.*)$/m.exec(image.runs.join('\n')) ?? []
    const own = names.split(' ').map((name) => `/var/lib/${name}`)
    expect(new Set(Object.values(image.environment))).toEqual(new Set(own))
    expect(own).not.toContain(image.directory)
  })

  it('is of the version of this checkout', () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(new URL('../package.json', operations), 'utf8')))
    for (const path of ['compose.yml', 'fleet.compose.yml'])
      for (const each of Object.values(readCompose(path).services).filter(isOurs))
        expect(each.image).toBe(`steptrail:${version}`)
  })
})

it('the compose files are two projects, which share no container, network or volume', () => {
  expect(readCompose('compose.yml').name).not.toBe(readCompose('fleet.compose.yml').name)
})

describe.each(['compose.yml', 'fleet.compose.yml'])('the compose file %s', (path) => {
  const { services, volumes } = readCompose(path)
  const used = Object.values(services)
  const mounts = used.flatMap((each) => each.volumes.map((volume) => volume.split(':')))

  it('holds what Docker Compose reads as we do', () => {
    expect(unreadableTexts(path)).toEqual([])
  })

  it('mounts what is there to be read alone, and declares each volume that it uses', () => {
    const own = mounts.filter(([from = '']) => from.startsWith('.'))
    for (const [from = '', , how] of own) {
      expect(existsSync(fileURLToPath(new URL(from, operations))), from).toBe(true)
      expect(how, from).toBe('ro')
    }
    const named = mounts.map(([from = '']) => from).filter((from) => !from.startsWith('.'))
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(volumes).toSorted())
  })

  it('waits for services that are there, and for the health only of those that tell it', () => {
    for (const { depends_on: before } of used)
      for (const [name, { condition }] of Object.entries(before)) {
        expect(services).toHaveProperty(name)
        if (condition === 'service_healthy') expect(services[name]?.healthcheck, name).toBeDefined()
        if (condition === 'service_completed_successfully')
          expect(services[name]?.restart, name).toBeUndefined()
      }
  })

  it('keeps the files of the database where its image has them, and asks for its health by address', () => {
    const { image: name = '', volumes: kept, healthcheck } = services['postgres'] ?? {}
    const isOld = Number(name.split(':')[1]) < 18
    expect(kept).toEqual([`postgres:/var/lib/postgresql${isOld ? '/data' : ''}`])
    expect(healthcheck?.test[1]).toContain('-h 127.0.0.1')
  })

  it('has room for what the processes of one query share', () => {
    expect(Number.parseInt(services['postgres']?.shm_size ?? '0', 10)).toBeGreaterThanOrEqual(256)
  })

  it('builds the image once, and looks for it nowhere else', () => {
    const building = used.filter((each) => each.build !== undefined)
    expect(building).toEqual([services['migrate']])
    const { context = '', dockerfile = '' } = services['migrate']?.build ?? {}
    expect(existsSync(new URL(`${context}/${dockerfile}`, operations))).toBe(true)
    for (const each of used.filter(isOurs)) expect(each.pull_policy).toBe('never')
  })

  it('gives the servers settings that they have, and where to keep what they keep', () => {
    for (const { environment, volumes: kept } of used.filter(isOurs)) {
      const names = Object.keys(environment).filter((name) => !ofDriver.has(name))
      expect(names.filter((name) => !known.has(name))).toEqual([])
      const places = kept.map((volume) => volume.split(':')[1])
      for (const place of places) expect(Object.values(image.environment)).toContain(place)
    }
  })

  it('migrates once, and then starts servers, whose health is what /readyz says', () => {
    expect(services['migrate']).toMatchObject({
      command: 'migrate',
      depends_on: { postgres: { condition: 'service_healthy' } },
    })
    const port = settings.find(({ variable }) => variable === 'STEPTRAIL_PORT')?.fallback
    expect(used.filter(serves)).not.toEqual([])
    for (const { depends_on: before, healthcheck } of used.filter(serves)) {
      expect(before['migrate']).toEqual({ condition: 'service_completed_successfully' })
      expect(healthcheck?.test[1]).toContain(`fetch('http://127.0.0.1:${port}/readyz')`)
    }
  })

  it('starts again what dies, lets it end in order, and keeps a bounded log', () => {
    for (const each of used.filter((one) => one !== services['migrate']))
      expect(each.restart).toBe('unless-stopped')
    for (const each of used.filter(isOurs)) {
      expect(each.init).toBe(true)
      expect(Number.parseInt(each.stop_grace_period ?? '0', 10)).toBeGreaterThanOrEqual(20)
    }
    expect(Number.parseInt(services['postgres']?.stop_grace_period ?? '0', 10)).toBeGreaterThanOrEqual(60)
  })

  it('asks for the password of the database, and gives each server the same, whatever is in it', () => {
    const {
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: name,
    } = services['postgres']?.environment ?? {}
    expect(password).toMatch(/^\$\{STEPTRAIL_DB_PASSWORD:\?.+\}$/)
    for (const { environment } of used.filter(isOurs))
      expect(environment).toMatchObject({
        DATABASE_URL: `postgres://${user}@postgres/${name}`,
        PGPASSWORD: password,
      })
  })
})

describe('the compose file for one server', () => {
  const { services } = readCompose('compose.yml')

  it('starts a database, migrates it, and starts the server, Prometheus and Grafana', () => {
    expect(Object.keys(services)).toEqual(['postgres', 'migrate', 'steptrail', 'prometheus', 'grafana'])
  })

  it('has Prometheus ask the server by its name, which outlives a restart, by rules that are mounted', () => {
    const { scrape_configs: scrapes, rule_files: rules } = z
      .object({
        scrape_configs: z.array(
          z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
        ),
        rule_files: z.array(z.string()),
      })
      .parse(readYaml('prometheus/prometheus.yml'))
    const port = settings.find(({ variable }) => variable === 'STEPTRAIL_PORT')?.fallback
    expect(scrapes.flatMap((each) => each.static_configs)).toEqual([{ targets: [`steptrail:${port}`] }])
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
    expect(datasources).toEqual([{ uid: 'steptrail', url: 'http://prometheus:9090' }])
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

  it('ends what ingests before the nodes, which are given back what it has not written', () => {
    const ingesting = Object.values(services).filter(({ command = '' }) => command.includes('ingest'))
    expect(ingesting).toHaveLength(2)
    for (const { depends_on: before } of ingesting)
      expect(Object.keys(before)).toEqual(expect.arrayContaining(nodes))
  })

  it('has one key, one memory of what was signed and one archive, whoever seals, and spools apart', () => {
    const sealing = Object.values(services).filter(({ command = '' }) => command.includes('seal'))
    const keptIn = (directory: string) =>
      new Set(sealing.flatMap(({ volumes }) => volumes.filter((each) => each.split(':')[1] === directory)))
    const {
      STEPTRAIL_LOG_DIR: log,
      STEPTRAIL_ARCHIVE_DIR: archive,
      STEPTRAIL_SPOOL_DIR: spool,
    } = image.environment
    expect(keptIn(log ?? '').size).toBe(1)
    expect(keptIn(archive ?? '').size).toBe(1)
    expect(keptIn(spool ?? '').size).toBe(sealing.length)
  })
})

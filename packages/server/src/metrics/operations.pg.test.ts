import { readFile } from 'node:fs/promises'
import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { createServer } from '../index.ts'

const read = (path: string): Promise<string> =>
  readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8')

/** Names of ours in an expression, without what a histogram adds to its own. */
const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\bsteptrail_[a-z_]+/g)].map(([name]) => name.replace(/_(?:bucket|count|sum)$/, ''))

describe('what operators are given', () => {
  let scraped: ReadonlySet<string>
  let alerts = ''
  let dashboard = ''
  beforeAll(async () => {
    const trail = createTrail(await openTestDatabase('embedded'))
    const server = await createServer({ trail, holdsClock: false })
    const response = await server.fetch(new Request('http://127.0.0.1:4680/metrics'))
    scraped = new Set([...(await response.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
    await server.close()
    alerts = await read('ops/prometheus/alerts.yml')
    dashboard = await read('ops/grafana/dashboards/steptrail.json')
  })

  it('names no metric that a scrape does not have', () => {
    const named = [...namesIn(alerts), ...namesIn(dashboard)]
    expect(named.length).toBeGreaterThan(20)
    expect([...new Set(named)].filter((name) => !scraped.has(name))).toEqual([])
  })

  it('says of each alert in the runbook what to do', async () => {
    const runbook = await read('docs/guides/runbook.md')
    const names = [...alerts.matchAll(/^ {6}- alert: (\w+)$/gm)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(8)
    for (const name of names) {
      expect(runbook).toContain(`\n## ${name}\n`)
      expect(alerts).toContain(`runbook: docs/guides/runbook.md#${name.toLowerCase()}\n`)
    }
    expect([...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)).toEqual(names)
  })

  it('shows panels that are whole', () => {
    const { panels } = JSON.parse(dashboard) as {
      readonly panels: readonly {
        readonly title: string
        readonly targets: readonly { readonly expr: string }[]
      }[]
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
    for (const { targets } of panels) expect(targets.every(({ expr }) => expr.length > 0)).toBe(true)
  })
})

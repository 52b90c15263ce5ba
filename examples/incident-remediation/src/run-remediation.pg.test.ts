import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { Discovery } from '@steptrail/catalog'
import { createTrail } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { catalogInDatabase, createMcpServer } from 'steptrail/mcp'
import { expect, it } from 'vitest'
import { runRemediation } from './run-remediation.ts'

describeOnBoth('the remediation of an incident', (open) => {
  it('goes from a signal to a finished execution, and refuses the short cut', async () => {
    const database = await open()
    const trail = createTrail(database)
    const server = createMcpServer({
      catalog: catalogInDatabase(new Discovery({ database, recorder: trail.recorder }), 'default'),
      version: '1',
      onTrouble: () => undefined,
    })
    const connect = async () => {
      const [near, far] = InMemoryTransport.createLinkedPair()
      await server.connect(far)
      return near
    }
    const said: string[] = []
    const say = (line: string) => void said.push(line)
    const report = await runRemediation({
      database,
      connect,
      recorded: () => trail.flush(),
      remediationId: 'rr-test',
      say,
    })
    expect(report).toMatchObject({ status: 'completed', checkout: { replicas: 6 } })
    expect(said).toContain('  get_workflow: there is no such workflow for this situation')
    expect(report.replay).toMatchObject({
      chosen: { workflowName: 'scale-conservative' },
      refusedCalls: 2,
      executions: [{ workflowName: 'scale-conservative', isTheChosen: true, outcome: 'success' }],
    })
    expect(report.replay.passages.map(({ kind }) => kind)).toEqual([
      'refused',
      'asked',
      'offered',
      'offered',
      'looked_at',
      'refused',
      'validated',
      'executed',
      'outcome',
    ])
    await trail.close()
  })
})

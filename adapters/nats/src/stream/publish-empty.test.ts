import type { NatsConnection } from '@nats-io/transport-node'
import { describeOnNats, startNats } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { NatsLink } from './nats-link.ts'
import { publishEmpty } from './publish-empty.ts'

const subjects = Array.from({ length: 3_000 }, (_, number) => `said.${number}`)

describeOnNats('messages that say nothing', () => {
  it('come each at its subject, in order, and are one command to the client', async () => {
    const { servers } = await startNats()
    await using link = new NatsLink({ servers })
    const { connection } = await link.open()
    const heard: string[] = []
    connection.subscribe('said.*', {
      callback: (_, { subject, data }) => void heard.push(`${subject} ${data.length}`),
    })
    await connection.flush()
    const published = connection.stats().outMsgs
    publishEmpty(connection, subjects)
    await connection.flush()
    expect(heard).toEqual(subjects.map((subject) => `${subject} 0`))
    // The client counts what it is given one by one: were it so, it would have changed inside, and this be slow.
    expect(connection.stats().outMsgs).toBe(published)
  })

  it('come by a client that takes them one by one', () => {
    const published: string[] = []
    const connection = { publish: (subject: string) => void published.push(subject) }
    publishEmpty(connection as unknown as NatsConnection, subjects)
    expect(published).toEqual(subjects)
  })
})

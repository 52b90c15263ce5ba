import { setTimeout as wait } from 'node:timers/promises'
import type { Chance } from '@steptrail/testkit'
import type { Fleet } from './fleet.ts'
import type { Machine } from './machine.ts'

type Act = (fleet: Fleet, chance: Chance) => Promise<void>

/** Longer than a lease, and than an ingester may keep what it has taken. */
const long = (chance: Chance): number => chance.whole(1_500, 4_000)

/** What is done to a fleet under load, each to one of its parts. Each leaves it whole. */
export const acts: Readonly<Record<string, Act>> = {
  'kill a node': async ({ nats }, chance) => {
    const node = nats.node(chance.whole(0, nats.nodes.length - 1))
    await node.kill()
    await wait(chance.whole(100, 1_000))
    await node.start()
    await node.ready()
  },
  'stop a node': async ({ nats }, chance) => {
    const node = nats.node(chance.whole(0, nats.nodes.length - 1))
    node.suspend()
    await wait(long(chance))
    node.resume()
    await node.ready()
  },
  'cut a node off from the others': async (fleet, chance) => cutNodeOff(fleet, chance, []),
  'cut a node off from everybody': async (fleet, chance) => cutNodeOff(fleet, chance, fleet.machines),
  'kill a server': ({ machines }, chance) => serverOf(machines, chance).kill(),
  'stop a server': ({ machines }, chance) => serverOf(machines, chance).suspend(long(chance)),
  'cut a server off': ({ machines }, chance) => serverOf(machines, chance).cutOff(long(chance)),
  'kill a worker': ({ machines }, chance) => workerOf(machines, chance).kill(),
  'stop a worker': ({ machines }, chance) => workerOf(machines, chance).suspend(long(chance)),
  'cut a worker off': ({ machines }, chance) => workerOf(machines, chance).cutOff(long(chance)),
  'kill the database': async ({ postgres }, chance) => {
    await postgres.kill()
    await wait(chance.whole(0, 500))
    await postgres.start()
  },
  'stop the database': async ({ postgres }, chance) => {
    await postgres.suspend()
    await wait(long(chance))
    await postgres.resume()
  },
  'cut the database off': async ({ machines }, chance) => {
    const links = machines.map(({ ways }) => ways.database)
    for (const link of links) link.cut()
    await wait(long(chance))
    for (const link of links) link.mend()
  },
}

const serverOf = (machines: readonly Machine[], chance: Chance): Machine => oneOf(machines, 'server', chance)
const workerOf = (machines: readonly Machine[], chance: Chance): Machine => oneOf(machines, 'worker', chance)

function oneOf(machines: readonly Machine[], kind: string, chance: Chance): Machine {
  const those = machines.filter(({ name }) => name.startsWith(kind))
  const machine = those[chance.whole(0, those.length - 1)]
  if (!machine) throw new Error(`there is no ${kind} in the fleet`)
  return machine
}

/** From the other nodes, and from these machines and who records, if from any. */
async function cutNodeOff(
  { nats, recorderLinks }: Fleet,
  chance: Chance,
  machines: readonly Machine[],
): Promise<void> {
  const index = chance.whole(0, nats.nodes.length - 1)
  const toIt = [recorderLinks, ...machines.map(({ ways }) => ways.nodes)].flatMap((links) =>
    machines.length > 0 ? (links[index] ?? []) : [],
  )
  nats.cutOff(index)
  for (const link of toIt) link.cut()
  await wait(long(chance))
  nats.joinAgain(index)
  for (const link of toIt) link.mend()
  await nats.node(index).ready()
}

/**
 * Does each thing once in an order of its own, and goes on by chance until the time is over. Returns how often each was
 * done.
 */
export async function breakThings(
  fleet: Fleet,
  { chance, forMs, onAct }: { chance: Chance; forMs: number; onAct?: ((name: string) => void) | undefined },
): Promise<Readonly<Record<string, number>>> {
  const untilMs = performance.now() + forMs
  const names = Object.keys(acts)
  const left = [...names]
  const done: Record<string, number> = {}
  while (left.length > 0 || performance.now() < untilMs) {
    const from = left.length > 0 ? left : [...names]
    const [name = ''] = from.splice(chance.whole(0, from.length - 1), 1)
    onAct?.(name)
    await acts[name]?.(fleet, chance)
    done[name] = (done[name] ?? 0) + 1
  }
  return done
}

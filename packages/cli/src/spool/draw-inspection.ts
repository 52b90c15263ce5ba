import { basename } from 'node:path'
import type { InspectedDirectory } from '@steptrail/recorder/node'
import { counted, formatBytes, formatCount } from '../terminal/bytes.ts'
import { type Cell, type Column, drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printable } from '../terminal/text.ts'

/** What is in a spool, for people: what waits, whose it is, what is damaged, and what to do about it. */
export function drawInspection(
  directory: string,
  inspected: readonly InspectedDirectory[],
  terminal: Terminal,
): readonly string[] {
  const { paint } = terminal
  if (inspected.length === 0) return [`The spool in ${directory} is empty.`]
  return [
    `${paint('bold', `The spool in ${directory}`)}: ${totalsOf(inspected)}`,
    '',
    ...drawTable(
      columns,
      inspected.map((each) => rowOf(each, terminal)),
      terminal,
    ),
    ...destinationsOf(inspected),
    ...damagesOf(inspected, terminal),
    ...adviceOn(inspected, terminal),
  ]
}

const sum = (inspected: readonly InspectedDirectory[], of: (each: InspectedDirectory) => number): number =>
  inspected.reduce((total, each) => total + of(each), 0)

function totalsOf(inspected: readonly InspectedDirectory[]): string {
  const events = sum(inspected, (each) => each.events)
  const bytes = sum(inspected, (each) => each.bytes)
  const waiting =
    events === 0
      ? 'nothing waits'
      : `${counted(events, 'event')} (${formatBytes(bytes)}) ${events === 1 ? 'waits' : 'wait'}`
  const letters = sum(inspected, (each) => each.deadLetters)
  return letters === 0 ? waiting : `${waiting}, ${counted(letters, 'dead letter')}`
}

const columns: readonly Column[] = [
  { title: 'process', align: 'right' },
  { title: 'opened (UTC)', gives: 4 },
  { title: 'owner' },
  { title: 'events', align: 'right' },
  { title: 'size', align: 'right', gives: 3 },
  { title: 'oldest (UTC)', gives: 1 },
  { title: 'newest (UTC)', gives: 5 },
  { title: 'damaged', align: 'right' },
  { title: 'dead letters', align: 'right' },
]

const rowOf = (each: InspectedDirectory, terminal: Terminal): readonly Cell[] => [
  { text: String(each.process.pid) },
  { text: told(each.process.openedAt), styles: ['dim'] },
  ownerOf(each, terminal),
  { text: formatCount(each.events), ...(each.events === 0 ? { styles: ['dim'] } : {}) },
  { text: each.events === 0 ? '' : formatBytes(each.bytes) },
  { text: told(each.oldest) },
  { text: told(each.newest) },
  numberOf(each.damages.length, 'red'),
  numberOf(each.deadLetters, 'yellow'),
]

const told = (instant: string | null): string => instant?.slice(0, 19).replace('T', ' ') ?? ''

const numberOf = (count: number, style: 'red' | 'yellow'): Cell => ({
  text: formatCount(count),
  styles: count > 0 ? [style] : ['dim'],
})

function ownerOf({ owner, isAdopted, events }: InspectedDirectory, { unicode }: Terminal): Cell {
  if (!owner.isAlive && events === 0) return { text: 'gone', styles: ['dim'] }
  const mark = unicode ? { alive: '● ', dead: '○ ' } : { alive: '', dead: '' }
  const state = owner.isAlive ? 'alive' : 'dead'
  const who = isAdopted ? `adopted by ${owner.pid}, ${state}` : state
  return { text: mark[state] + who, styles: owner.isAlive ? ['green'] : ['yellow'] }
}

/** What waits for whom, where that was said. */
function destinationsOf(inspected: readonly InspectedDirectory[]): readonly string[] {
  const waiting = inspected.filter(({ events }) => events > 0)
  const named = new Set(waiting.map(({ destination }) => destination).filter((each) => each !== null))
  const lines = [...named].toSorted().map((destination) => {
    const events = sum(waiting, (each) => (each.destination === destination ? each.events : 0))
    return printable(`For ${destination}: ${counted(events, 'event')}`)
  })
  return lines.length === 0 ? [] : ['', ...lines]
}

const meanings = {
  damaged: 'bytes that are not what was written',
  torn: 'bytes of a record that was being written when its process ended',
  version: 'bytes written by a later version of Steptrail',
} as const

function damagesOf(
  inspected: readonly InspectedDirectory[],
  { paint, unicode }: Terminal,
): readonly string[] {
  const lines = inspected.flatMap(({ path, damages }) =>
    damages.map(({ kind, file, offset, bytes }) => {
      const mark = kind === 'damaged' ? paint('red', unicode ? '✗' : 'x') : paint('yellow', '!')
      return `${mark} ${basename(path)}/${file}, at byte ${offset}: ${formatCount(bytes)} ${meanings[kind]}`
    }),
  )
  const unreadable = inspected
    .filter(({ unreadableDeadLetters }) => unreadableDeadLetters > 0)
    .map(({ path, unreadableDeadLetters: count }) => {
      const file = `${basename(path)}/dead-letters.jsonl`
      return `${paint('yellow', '!')} ${file}: ${counted(count, 'line')} that ${count === 1 ? 'is' : 'are'} no dead letter`
    })
  const all = [...lines, ...unreadable]
  return all.length === 0 ? [] : ['', ...all]
}

function adviceOn(inspected: readonly InspectedDirectory[], { paint }: Terminal): readonly string[] {
  const waiting = inspected.filter(({ events }) => events > 0)
  const advice: string[] = []
  if (waiting.some(({ owner }) => owner.isAlive))
    advice.push('Events of a living process are replayed by that process.')
  if (waiting.some(({ owner }) => !owner.isAlive))
    advice.push(
      'Events of dead processes are replayed by the next one that opens the spool, or by `steptrail spool replay`.',
    )
  if (inspected.some(({ damages }) => damages.some(({ kind }) => kind === 'damaged')))
    advice.push('What is damaged is lost; its file is kept, as *.damaged, until somebody removes it.')
  if (inspected.some((each) => each.deadLetters > 0 || each.unreadableDeadLetters > 0))
    advice.push(
      'Dead letters stay in the file dead-letters.jsonl of their process until somebody removes it.',
    )
  return advice.length === 0 ? [] : ['', ...advice.map((line) => paint('dim', line))]
}

import { randomBytes } from 'node:crypto'

/** What the name of a process's directory in the spool says. */
export interface DirectoryName {
  readonly name: string
  /** The name of the process that appended what is in it. */
  readonly origin: string
  /** The name of the process that has it: the origin, or who adopted it. */
  readonly owner: string
}

/** The process of a name. */
export interface NamedProcess {
  readonly pid: number
  /** When it opened the spool, ISO 8601. */
  readonly openedAt: string
}

const process_ = String.raw`\d{8}T\d{6}Z-\d+-[0-9a-f]{8}`
const directoryPattern = new RegExp(`^(${process_})(?:@(${process_}))?$`)

/**
 * A name for a process: when it opened the spool, its process id, and a random part. No name is ever used twice, so
 * what was once found dead stays dead.
 */
export function processName(now: number): string {
  const opened = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${opened}-${process.pid}-${randomBytes(4).toString('hex')}`
}

/** The name of a directory after its adoption. */
export const adoptedName = ({ origin }: DirectoryName, owner: string): string => `${origin}@${owner}`

/** What a name says; undefined when it is not the name of such a directory. */
export function parseDirectoryName(name: string): DirectoryName | undefined {
  const [, origin, adopter] = directoryPattern.exec(name) ?? []
  return origin === undefined ? undefined : { name, origin, owner: adopter ?? origin }
}

/** The process that a name was made for. */
export function processOf(name: string): NamedProcess {
  const [opened = '', pid] = name.split('-')
  const openedAt = opened.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
  return { pid: Number(pid), openedAt }
}

/** The file of a segment; names sort as numbers do. */
export const segmentFile = (number: number): string => `${String(number).padStart(10, '0')}.segment`

/** The number of a segment's file; undefined for another file. */
export function segmentNumber(file: string): number | undefined {
  const [, digits] = /^(\d{10,15})\.segment$/.exec(file) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** A segment of which a part was damaged keeps its bytes under this name when the rest of it is settled. */
export const damagedFile = (number: number): string => `${String(number).padStart(10, '0')}.damaged`

/** Whether a file is a damaged segment that was kept. */
export const isDamagedFile = (file: string): boolean => file.endsWith('.damaged')

/** How far a directory's events are settled. */
export const positionFile = 'position.json'

/** The same while it is being written: left over where the process was killed at it. */
export const positionDraftFile = 'position.json.new'

/** What the events of a directory are for, where whoever opened it said so. */
export const destinationFile = 'destination'

/** What was refused for good, one JSON document a line. */
export const deadLetterFile = 'dead-letters.jsonl'

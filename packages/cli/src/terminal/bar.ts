import { formatCount } from './bytes.ts'
import type { Terminal } from './terminal.ts'

/** How much of something is done. */
export interface Done {
  readonly done: number
  readonly total: number
}

const width = 24

/** A bar of fixed width with its numbers: `████████░░░░ 33 %  1,000 of 3,000`. */
export function drawBar({ done, total }: Done, { unicode }: Pick<Terminal, 'unicode'>): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.floor(share * width)
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.']
  const bar = full.repeat(filled) + empty.repeat(width - filled)
  return `${bar} ${Math.floor(share * 100)} %  ${formatCount(done)} of ${formatCount(total)}`
}

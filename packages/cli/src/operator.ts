import type { Actor } from '@steptrail/event'
import type { Surroundings } from './surroundings.ts'

/** Who is at the command line, as far as the system says. */
export const operatorOf = ({ env }: Pick<Surroundings, 'env'>): Actor => ({
  type: 'user',
  id: env['USER'] || env['USERNAME'] || 'command line',
})

import { TrailError } from '@steptrail/event'
import { isKeyName } from '@steptrail/verify'

/** Makes sure that a log or a witness can have this name. Throws `invalid_configuration`: what it signed could not be read. */
export function requireKeyName(what: 'log' | 'witness', name: string): void {
  if (isKeyName(name)) return
  throw new TrailError(
    'invalid_configuration',
    `a ${what} cannot be named ${JSON.stringify(name)}: leave out spaces and plus signs, as in example.com/orders`,
    { details: { name } },
  )
}

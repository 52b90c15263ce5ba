import { errorCodes, TrailError } from '@steptrail/event'
import { describe, expect, it } from 'vitest'
import { exitCodeOf } from './exit-code.ts'
import { failureOf, tellFailure } from './failure.ts'
import type { Surroundings } from './surroundings.ts'

const refusal = Object.assign(new Error('permission denied for table audit_event'), {
  code: '42501',
  severity: 'ERROR',
})

const notThere = Object.assign(new Error("ENOENT: no such file or directory, open '/no/such/x.zip'"), {
  code: 'ENOENT',
  syscall: 'open',
  path: '/no/such/x.zip',
})

function told(error: unknown, env: Surroundings['env'], json = false): string {
  let text = ''
  const stderr = { write: (part: string) => (text += part) }
  tellFailure(error, { stderr, env } as Surroundings, { json })
  return text
}

describe('an error', () => {
  it('is told by what happened and what to do, without a stack', () => {
    const error = new TrailError('execution_not_found', 'There is no execution 4711 here.')
    expect(told(error, {})).toBe(
      `error There is no execution 4711 here.\n      ${errorCodes.execution_not_found.action}\n      execution_not_found\n`,
    )
  })

  it('is told as one JSON document where JSON is wanted', () => {
    const error = new TrailError('invalid_filter', 'the filter status (1) is none')
    expect(JSON.parse(told(error, {}, true))).toEqual({ error: failureOf(error) })
  })

  it('shows its stack only when that is asked for', () => {
    const error = new Error('oh no')
    expect(told(error, {})).not.toContain(import.meta.filename)
    expect(told(error, { STEPTRAIL_DEBUG: '1' })).toContain(import.meta.filename)
  })

  it('of a standby says that it is one', () => {
    const error = Object.assign(new Error('cannot execute INSERT in a read-only transaction'), {
      code: '25006',
      severity: 'ERROR',
    })
    expect(failureOf(error).action).toContain('this is a standby')
  })

  it.each([
    ['57014', 'canceling statement due to statement timeout', 'statement_timeout = 0'],
    ['25P03', 'terminating connection due to idle-in-transaction timeout', 'session_timeout = 0'],
    ['57P05', 'terminating connection due to idle-session timeout', 'idle_session_timeout = 0'],
  ])('of a limit of the login, as %s, names the limit', (code, message, action) => {
    const error = Object.assign(new Error(message), { code, severity: 'FATAL' })
    expect(failureOf(error)).toMatchObject({ code: 'database_refused' })
    expect(failureOf(error).action).toContain(action)
  })

  it('of a connection that was ended is none of the program', () => {
    const error = new Error('Connection terminated unexpectedly')
    expect(failureOf(error).code).toBe('database_unreachable')
    expect(exitCodeOf(error)).toBe('database')
  })

  it('of the database is told with its SQLSTATE', () => {
    expect(failureOf(refusal)).toMatchObject({
      code: 'database_refused',
      message: 'the database refused: permission denied for table audit_event (SQLSTATE 42501)',
    })
  })

  it('of a file names it, and says what to look at', () => {
    expect(told(notThere, {})).toContain("open '/no/such/x.zip'\n      Check the path,")
  })

  it('cannot command the terminal', () => {
    expect(told(new Error(`${String.fromCodePoint(27)}[2Jgone`), {})).toContain('should not: gone\n')
  })

  it.each([
    ['usage', new TrailError('invalid_filter', '')],
    ['notFound', new TrailError('unknown_workflow', '')],
    ['database', new TrailError('schema_missing', '')],
    ['database', refusal],
    ['notFound', new TrailError('key_not_found', '')],
    ['database', new TrailError('unauthenticated', '')],
    ['database', new TrailError('server_unreachable', '')],
    ['failed', new TrailError('spool_damaged', '')],
    ['fault', new TrailError('illegal_transition', '')],
    ['fault', new TypeError('x is not a function')],
    ['fault', 'a thrown text'],
    ['usage', notThere],
  ])('ends the run as %s', (exitCode, error) => {
    expect(exitCodeOf(error)).toBe(exitCode)
  })
})

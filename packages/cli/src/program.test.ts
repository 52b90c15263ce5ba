import { describe, expect, it } from 'vitest'
import { run } from '../test/run.ts'
import { exitCodes } from './exit-code.ts'
import { settings } from './settings.ts'

const commands = ['demo', 'migrate', 'grants', 'start', 'executions list', 'executions show', 'events']

describe('the program', () => {
  it('prints its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })

  it('explains its commands, settings and exit codes', async () => {
    const { code, stdout } = await run(['--help'])
    expect(code).toBe(0)
    for (const command of commands) expect(stdout).toContain(`  ${command.split(' ')[0]}`)
    for (const { variable, meaning } of settings)
      expect(stdout).toMatch(new RegExp(`${variable} +${meaning.slice(0, 20)}`))
    for (const { code: number, meaning } of Object.values(exitCodes))
      expect(stdout).toContain(`${number}  ${meaning}`)
  })

  it.each(commands)('explains %s, with examples', async (command) => {
    const { code, stdout } = await run([...command.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Usage: steptrail ${command} \\[options\\]`))
    expect(stdout).toMatch(new RegExp(`\nExamples:\n  # .+\n  \\$ steptrail ${command}`))
    expect(stdout).toContain('--json')
  })

  it.each([
    ['no command at all', [], 'Usage: steptrail'],
    ['an unknown command', ['exections'], "unknown command 'exections'"],
    ['an unknown option', ['events', '--folow'], 'Did you mean --follow?'],
    ['a missing argument', ['executions', 'show'], "missing required argument 'execution-id'"],
    [
      'a status there is not',
      ['executions', 'list', '--status', 'done'],
      'Allowed choices are pending, running',
    ],
    ['a limit that is no number', ['events', '--limit', 'ten'], 'It is not a whole number.'],
    ['a time that is none', ['events', '--since', 'yesterday'], 'Give ISO 8601'],
    ['a time without a zone', ['events', '--since', '2025-11-04T10:00:00'], 'Give ISO 8601'],
    ['an actor of no type', ['start', 'x', '--input', '{}', '--actor', 'anna'], 'Give TYPE:ID'],
    ['an argument too many', ['events', 'now'], 'See the --help of the command.'],
    ['an evidence pack without its option', ['verify', 'evidence.zip'], 'steptrail verify --offline FILE'],
    ['an order when following', ['events', '--follow', '--order', 'asc'], 'cannot be used with'],
  ])('refuses %s as a mistake of usage', async (_, args, told) => {
    const { code, stdout, stderr } = await run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(told)
  })

  it('tells of a mistake of usage as JSON, where that was asked for', async () => {
    const { code, stdout, stderr } = await run(['events', '--folow', '--json'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'usage',
        message: expect.stringContaining("unknown option '--folow'") as string,
        action: 'See the --help of the command.',
      },
    })
  })
})

describe('settings', () => {
  it('warns of a variable of ours that nothing reads', async () => {
    const { code, stderr } = await run(['grants'], { env: { STEPTRAIL_SHEMA: 'x' } })
    expect(code).toBe(0)
    expect(stderr).toContain('warning STEPTRAIL_SHEMA is set and nothing reads it')
  })

  it('refuses a value that cannot be read', async () => {
    const { code, stderr } = await run(['grants'], { env: { STEPTRAIL_DEBUG: 'yes' } })
    expect(code).toBe(2)
    expect(stderr).toContain('STEPTRAIL_DEBUG is "yes": give 0 or 1')
  })

  it('refuses flags that name two databases', async () => {
    const { code, stderr } = await run(['migrate', '--database', 'postgres://h/d', '--data-dir', 'x'])
    expect(code).toBe(2)
    expect(stderr).toContain('give one of them')
  })
})

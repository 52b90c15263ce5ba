import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTrail, type Database } from '@steptrail/core'
import { describeOnBoth, releaseAfterTest } from '@steptrail/testkit'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { greet } from '../../test/greeting.ts'
import { run, type RunOptions, type RunResult } from '../../test/run.ts'

describeOnBoth('the log', (open) => {
  let database: Database
  let executionId = ''
  let directory = ''
  let vkey = ''
  let warning = ''

  const steptrail = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    run([...args, ...(args.includes('evidence') ? [] : ['--log-dir', join(directory, 'log')])], {
      database,
      ...options,
    })

  const jsonOf = ({ stdout }: RunResult): Record<string, unknown> =>
    JSON.parse(stdout) as Record<string, unknown>

  beforeAll(async () => {
    database = await open()
    directory = await mkdtemp(join(tmpdir(), 'steptrail-cli-log-'))
    releaseAfterTest(() => rm(directory, { recursive: true }))
    ;[executionId = ''] = await greet(database, ['stranger'])
    const first = await steptrail(['seal', '--json'])
    vkey = String(jsonOf(first)['vkey'])
    warning = first.stderr
  })

  describe('seal', () => {
    it('says how much it sealed, where, and with which key', async () => {
      const { code, stdout, stderr } = await steptrail(['seal'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(
        /^sealed \d+ events; the log steptrail\.local\/\S+ has \d+ entries\nsigned \S+Z with steptrail\.local\S+\n$/,
      )
    })

    it('that is interrupted signs what it has taken, and says that it was', async () => {
      const { code, stdout, stderr } = await steptrail(['seal'], { signal: AbortSignal.abort() })
      expect({ code, stderr }).toEqual({ code: 130, stderr: 'interrupted\n' })
      expect(stdout).toMatch(/^sealed \d+ events; the log .*\nsigned /)
    })

    it('keeps the key for its owner alone, says where, and refuses one that others may read', async () => {
      expect(warning).toContain(`made a signing key in ${directory}`)
      const path = join(directory, 'log', 'signing-key.pem')
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      await chmod(path, 0o644)
      const { code, stderr } = await steptrail(['seal'])
      expect(code).toBe(2)
      expect(stderr).toContain('chmod 600')
      await chmod(path, 0o600)
    })

    it('refuses another key than the one that the log is signed with', async () => {
      const { code, stderr } = await run(['seal', '--log-dir', join(directory, 'other')], { database })
      expect(code).toBe(1)
      expect(stderr).toContain('log_key_mismatch')
    })
  })

  describe('verify', () => {
    beforeEach(() => steptrail(['seal']))

    it('says that all is as it was signed, complete and conforming', async () => {
      const { code, stdout } = await steptrail(['verify', '--key', vkey, '--no-record'])
      expect(code).toBe(0)
      expect(stdout).toMatch(
        /^ok \d+ events in the log, unaltered, none missing; \d+ entries in steptrail\.local/,
      )
      expect(stdout).toContain('ok 1 execution complete and conforming')
      expect(stdout).toContain(`with ${vkey}`)
    })

    it('is recorded under the name that every command goes by', async () => {
      const env = { LANG: 'en_GB.UTF-8', USER: 'mary' }
      expect((await steptrail(['verify'], { env })).code).toBe(0)
      const { items } = await createTrail(database).listEvents({ eventType: 'TRAIL_VERIFIED', limit: 1 })
      expect(items).toMatchObject([{ actorType: 'user', actorId: 'mary' }])
    })

    it('goes on from nothing but what an interrupted one has left', async () => {
      const file = join(directory, 'log', 'verify.json')
      await writeFile(file, '{"origin":"log.example/orders","size":3,"edge":[]}\n')
      expect(await steptrail(['verify', '--resume', '--no-record'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('does not hold what an interrupted verification leaves') as string,
      })
      await rm(file)
    })

    it('does not pass over an option that it has no use for', async () => {
      for (const more of [['--since', '1d'], ['--resume']])
        expect(await steptrail(['verify', '--execution', executionId, ...more])).toMatchObject({ code: 2 })
    })

    it('records that it ran, by whom and what it found', async () => {
      expect((await steptrail(['verify', '--actor', 'user:anna'])).code).toBe(0)
      const { items } = await createTrail(database).listEvents({ eventType: 'TRAIL_VERIFIED', limit: 1 })
      expect(items).toMatchObject([{ actorId: 'anna', status: 'SUCCESS', details: { executionCount: 1 } }])
      expect((await steptrail(['verify', '--no-record'])).stdout).toMatch(/1 event not sealed yet/)
    })

    it('names the first thing that is wrong, and the answer is no', async () => {
      const altered = await steptrailOnAltered(['verify', '--no-record'])
      expect(altered.code).toBe(1)
      expect(altered.stdout).toMatch(
        /^defect event \S+ is not what was sealed as entry \d+: one of its columns was changed\n/,
      )
      const json = await steptrailOnAltered(['verify', '--no-record', '--json'])
      expect(jsonOf(json)).toMatchObject({ outcome: 'defect', defect: { kind: 'event_altered' } })
    })

    it('does not believe a key that it was not given', async () => {
      const stranger = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
      const { code, stdout } = await steptrail(['verify', '--key', stranger, '--no-record'])
      expect(code).toBe(1)
      expect(stdout).toContain('signed by no key that is trusted')
      expect((await steptrail(['verify', '--key', 'x'])).code).toBe(2)
    })

    it('goes on where it was interrupted', async () => {
      const stop = new AbortController()
      stop.abort()
      const first = await steptrail(['verify', '--no-record'], { signal: stop.signal })
      expect(first.code).toBe(130)
      expect(first.stderr).toContain('steptrail verify --resume')
      expect(jsonOf(await steptrail(['verify', '--resume', '--no-record', '--json']))).toMatchObject({
        outcome: 'verified',
      })
      expect((await steptrail(['verify', '--resume', '--no-record'])).code).toBe(2)
    })

    it('verifies since a time, and one execution', async () => {
      expect((await steptrail(['verify', '--since', '1h', '--no-record'])).code).toBe(0)
      const one = await steptrail(['verify', '--execution', executionId, '--key', vkey])
      expect(one.stdout).toMatch(
        new RegExp(`^ok execution ${executionId}: 15 events in the log, unaltered, complete and conforming`),
      )
    })
  })

  describe('evidence', () => {
    it('writes a pack that verifies without a database, and not when a bit of it is another', async () => {
      await steptrail(['seal'])
      const file = join(directory, 'pack.zip')
      const written = await steptrail(['evidence', executionId, '-o', file])
      expect(written.stdout).toContain(`steptrail verify --offline ${file}`)
      const offline = await run(['verify', '--offline', file, '--key', vkey])
      expect(offline.stdout).toContain('15 events in the log, unaltered, complete and conforming')
      expect(offline.code).toBe(0)
      expect((await run(['verify', '--offline', file])).stdout).toContain('The key came with the pack')
      const bytes = await readFile(file)
      expect((await run(['verify', '--offline', '-'], { stdin: bytes })).code).toBe(0)
      bytes[1000]! ^= 1
      await writeFile(file, bytes)
      const altered = await run(['verify', '--offline', file])
      expect(altered.code).toBe(1)
      expect(altered.stdout).toMatch(/^defect /)
    })

    it('goes from one program to the other without a file, and not onto a screen', async () => {
      await steptrail(['seal'])
      const { code, stdout } = await steptrail(['evidence', executionId, '-o', '-'])
      expect(code).toBe(0)
      const piped = Buffer.from(stdout, 'latin1')
      expect((await run(['verify', '--offline', '-', '--key', vkey], { stdin: piped })).code).toBe(0)
      for (const refused of [
        await steptrail(['evidence', executionId, '-o', '-'], { isTTY: true }),
        await steptrail(['evidence', executionId, '-o', '-', '--json']),
      ])
        expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' })
    })

    it('says what is wrong with a file that cannot be read, and an execution that is not there', async () => {
      expect((await run(['verify', '--offline', join(directory, 'none.zip')])).code).toBe(2)
      expect((await steptrail(['evidence', '00000000-0000-7000-8000-000000000000'])).code).toBe(4)
      expect((await run(['verify', '--offline', 'x', '--since', '1h'])).code).toBe(2)
    })
  })

  describe('the rest of its life', () => {
    const by = ['--actor', 'user:olga', '--reason', 'a test']

    it('erases what an execution said, with a certificate, and still verifies', async () => {
      const file = join(directory, 'certificate.json')
      const { code, stdout } = await steptrail([
        'erase',
        '--execution',
        executionId,
        ...by,
        '--certificate',
        file,
      ])
      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Erased the bodies of 15 events/) as string,
      })
      expect(stdout).toContain('old versions of the rows')
      expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
        events: 15,
        actor: { type: 'user', id: 'olga' },
      })
      const written = JSON.parse(await readFile(file, 'utf8')) as { erasureId: string; proof: string }
      const anew = await run(['log', 'certificate', written.erasureId], { database })
      expect({ ...jsonOf(anew), proof: written.proof }).toEqual(written)
      expect((await run(['log', 'certificate', executionId], { database })).code).toBe(4)
      expect((await steptrail(['verify', '--no-record'])).stdout).toContain('15 events erased')
      expect((await steptrail(['erase', ...by])).stderr).toContain('nothing says what to erase')
      const again = ['erase', '--subject', 'user:nobody', ...by, '--certificate']
      expect(await steptrail([...again, file])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /so nothing was erased: EEXIST.*Give --certificate a file that is not there yet/,
        ) as string,
      })
      const empty = join(directory, 'empty.json')
      await writeFile(empty, '')
      expect((await steptrail([...again, empty])).stderr).toContain('one was killed before its certificate')
      const other = join(directory, 'other.json')
      expect((await steptrail([...again, other])).stderr).toContain('no event matches')
      await expect(readFile(other)).rejects.toMatchObject({ code: 'ENOENT' })
      expect(await steptrail(['erase', '--event', 'nonsense', ...by])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('"nonsense" is no id of an event') as string,
      })
    })

    it('goes over to another key, and the old one is still trusted', async () => {
      const { stdout } = await steptrail(['log', 'rotate-key', ...by])
      expect(stdout).toMatch(/is signed with \S+ from now on\.\n$/)
      expect(stdout).not.toContain(vkey)
      expect((await steptrail(['seal'])).code).toBe(0)
      expect((await steptrail(['verify', '--no-record', '--key', vkey])).code).toBe(0)
    })

    it('restarts as another log', async () => {
      const { stdout } = await steptrail(['log', 'restart', ...by])
      expect(stdout).toMatch(/ has ended; \S+\/2 goes on\./)
      expect((await steptrail(['seal'])).code).toBe(0)
      expect((await steptrail(['verify', '--no-record'])).stdout).toContain('another log took its place')
    })

    it('has a witness, which runs until it is interrupted', async () => {
      const stop = new AbortController()
      const args = [
        'witness',
        '--name',
        'w.example',
        '--log',
        vkey,
        '--dir',
        join(directory, 'witness'),
        '--port',
        '0',
      ]
      const { code, stdout } = await run(args, {
        signal: stop.signal,
        onOutput: (text) => text.startsWith('its key') && stop.abort(),
      })
      expect(code).toBe(0)
      expect(stdout).toMatch(/^w\.example listens at http:\/\/127\.0\.0\.1:\d+ and watches steptrail\.local/)
      const env = { LANG: 'en_GB.UTF-8', STEPTRAIL_WITNESS_URL: 'http://127.0.0.1:9' }
      expect((await steptrail(['seal'], { env })).stderr).toContain('STEPTRAIL_WITNESS_KEY is not the key')
    })
  })

  /** Runs it on a database in which a superuser has changed an event, and undoes that. */
  async function steptrailOnAltered(args: readonly string[]): Promise<RunResult> {
    let result: RunResult | undefined
    const undone = new Error('undone')
    await database
      .transaction(async (tx) => {
        for (const trigger of ['disable', 'enable always']) {
          await tx(`alter table audit_event ${trigger} trigger trg_refuse_change`)
          if (trigger === 'disable')
            await tx(
              `update audit_event set message = 'all went well' where event_type = 'ORCHESTRATION_FAILED'`,
            )
        }
        const inside = {
          ...database,
          query: tx,
          transaction: (work: (one: typeof tx) => unknown) => work(tx),
        }
        result = await steptrail(args, { database: inside as unknown as Database })
        throw undone
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error
      })
    return result!
  }
})

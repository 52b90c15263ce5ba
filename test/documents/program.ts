import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ProgramResult, releaseAfterTest, runProgram } from '@steptrail/testkit'
import { root } from '../repository/source-files.ts'

/** What a compiler said of a program. */
export interface CompilerResult {
  readonly passed: boolean
  readonly output: string
}

/** Runs a program from a document as a reader would: as a file of its own, in an empty directory. */
export async function runText(text: string): Promise<ProgramResult> {
  const directory = await directoryWith({ 'program.ts': text })
  return runProgram(pathToFileURL(join(directory, 'program.ts')), { cwd: directory, env: { NO_COLOR: '1' } })
}

/** Compiles programs under the repository's own settings. */
export async function compileTexts(texts: Readonly<Record<string, string>>): Promise<CompilerResult> {
  const settings = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { noEmit: true, customConditions: ['steptrail:source'], noUnusedLocals: false },
    files: Object.keys(texts),
  }
  const directory = await directoryWith({ ...texts, 'tsconfig.json': JSON.stringify(settings) })
  return new Promise((resolve) => {
    execFile(join(root, 'node_modules/.bin/tsc'), ['-p', directory], (error, output) =>
      resolve({ passed: error === null, output }),
    )
  })
}

/** A directory outside the repository in which its packages are installed; removed when the test ends. */
async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-document-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'dir')
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return directory
}

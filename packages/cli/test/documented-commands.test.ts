import { glob, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../src/program.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Every command line in a document: lines of shell examples, and code in a sentence. */
async function documentedCommands(): Promise<readonly string[]> {
  const lines = new Set<string>()
  for await (const path of glob(
    '{README,ARCHITECTURE,CHANGELOG,docs/{concepts,decisions,guides}/*,examples/*/README}.md',
    {
      cwd: root,
    },
  )) {
    const text = await readFile(root + path, 'utf8')
    const shell = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'))
    const typed = shell.flatMap((line) => /^(?:npx )?(steptrail .*)$/.exec(line)?.[1] ?? [])
    const told = [...text.matchAll(/`(?:npx )?(steptrail [^`\n]+)`/g)].map(([, line = '']) => line)
    for (const line of [...typed, ...told]) lines.add(line.replace(/ (#|\|) .*$/, '').trim())
  }
  return [...lines].toSorted()
}

/** Parses a command line as the program does; the command itself is not carried out. */
async function parse(line: string): Promise<readonly string[]> {
  const said: string[] = []
  const listening = { columns: 100, write: (text: string) => said.push(text) }
  const program = await createProgram(
    {
      stdin: (async function* () {})(),
      stdout: listening,
      stderr: listening,
      env: {},
      signal: new AbortController().signal,
      openDatabase: () => Promise.reject(new Error('nothing is carried out')),
    },
    { exitCode: 'done' },
  )
  for (const command of leavesOf(program)) command.action(() => undefined)
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  await program
    .parseAsync(args.slice(1), { from: 'user' })
    .catch((error: unknown) => said.push(String(error)))
  return said
}

const leavesOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)

const commands = await documentedCommands()

describe('the commands that the documents show', () => {
  it('are found', () => {
    expect(commands).toContain('steptrail executions list --status failed --since 24h')
    expect(commands).toContain('steptrail migrate --roles')
  })

  it.each(commands)('%s', async (line) => {
    expect(await parse(line)).toEqual([])
  })
})

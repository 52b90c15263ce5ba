import { acquireEmbeddedLock } from '../src/database/embedded-lock.ts'

/**
 * A program for tests of the lock: says `ready`, and on each line of its stdin that is a directory tries to lock
 * it, and says what came of it as JSON. It keeps what it locked until it is killed or its stdin ends.
 */
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  for (const directory of text.split('\n').filter((line) => line !== '')) {
    acquireEmbeddedLock(directory, { program: `program ${process.pid}`, url: 'http://127.0.0.1:8080' }).then(
      () => say({ locked: true }),
      (error: unknown) =>
        say(
          error instanceof Error
            ? { locked: false, message: error.message, ...Object.fromEntries(Object.entries(error)) }
            : { error },
        ),
    )
  }
})

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
say({ ready: true })

import { once } from 'node:events'
import { join } from 'node:path'
import { loadOrCreateKey, serveWitness, Witness } from '@steptrail/log'
import { type VerifierKey, vkeyOf } from '@steptrail/verify'
import { type Command, Option } from 'commander'
import { withExamples } from '../command-scope.ts'
import { vkeysOf } from '../log/log-settings.ts'
import { wholeNumber } from '../option-values.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags {
  readonly log: readonly VerifierKey[]
  readonly name: string
  readonly dir: string
  readonly host: string
  readonly port: number
}

/** `steptrail witness`: cosigns the checkpoints of logs that only grow, for whoever does not run them. */
export function addWitness(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('witness')
    .description(
      'Run a witness (C2SP tlog-witness): it remembers the last checkpoint of each log that it watches, and cosigns the next only if the log has grown from there. Best run by another team than the log.',
    )
    .addOption(
      new Option('--log <vkey>', 'the key of a log to watch, as `steptrail seal` prints it; may be repeated')
        .argParser(vkeysOf)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--name <name>',
        'its name in cosignatures, such as witness.example.com/w1',
      ).makeOptionMandatory(),
    )
    .option('--dir <directory>', 'its key and what it remembers', './.steptrail/witness')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'the port', wholeNumber, 4681)
  withExamples(command, [
    [
      'witness --name witness.example.com/w1 --log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
      'on this machine; a proxy in front of it serves others',
    ],
  ]).action(async ({ log, name, dir, host, port }: Flags) => {
    const { key } = await loadOrCreateKey(join(dir, 'witness-key.pem'))
    const witness = new Witness({ name, key, logs: log, directory: join(dir, 'checkpoints') })
    const { stdout, stderr, signal } = surroundings
    const onTrouble = (message: string, cause: unknown): unknown =>
      stderr.write(`steptrail: ${message}: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    await using served = await serveWitness(witness, { host, port, onTrouble })
    stdout.write(`${name} listens at ${served.url} and watches ${log.map((one) => one.name).join(', ')}\n`)
    stdout.write(`its key is ${vkeyOf(witness.verifierKey)}\n`)
    if (!signal.aborted) await once(signal, 'abort')
  })
}

import { cpus, totalmem } from 'node:os'

/** One measured row: what was measured, under which conditions, with the unit in each name. */
export type BenchResult = Readonly<Record<string, string | number | readonly number[]>>

/** What a bench found. */
export interface BenchFindings {
  readonly results: readonly BenchResult[]
  /** Quotients of two figures of one run, such as `saga/dbos@10`. Above 1: ours is the larger figure. */
  readonly ratios: Readonly<Record<string, number>>
}

/** Where it was measured. */
export interface Machine {
  readonly platform: string
  readonly processors: number
  readonly processor: string
  readonly memoryMb: number
  readonly node: string
}

/** What `--json` prints: exactly one of these. */
export interface BenchDocument extends BenchFindings {
  readonly bench: string
  readonly machine: Machine
}

/** The document of a bench that ran on this machine. */
export function documentOf(bench: string, { results, ratios }: BenchFindings): BenchDocument {
  const processors = cpus()
  return {
    bench,
    machine: {
      platform: `${process.platform} ${process.arch}`,
      processors: processors.length,
      processor: processors[0]?.model ?? 'unknown',
      memoryMb: Math.round(totalmem() / 1024 ** 2),
      node: process.version,
    },
    results,
    ratios,
  }
}

/** The same for people: a table of the results, and the ratios under it. */
export function tableOf({ bench, machine, results, ratios }: BenchDocument): string {
  const head = `${bench}: ${machine.processors} × ${machine.processor}, Node ${machine.node}, ${machine.platform}`
  const lines = Object.entries(ratios).map(([name, ratio]) => `${name} = ${ratio.toFixed(2)}`)
  return [head, '', ...rowsOf(results), '', ...lines, ''].join('\n')
}

function rowsOf(results: readonly BenchResult[]): readonly string[] {
  const names = [...new Set(results.flatMap((result) => Object.keys(result)))]
  const cells = [names, ...results.map((result) => names.map((name) => cellOf(result[name])))]
  const widths = names.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const cellOf = (value: BenchResult[string] | undefined): string =>
  value === undefined ? '' : Array.isArray(value) ? value.join(' ') : String(value)

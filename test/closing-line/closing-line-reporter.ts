import type { Reporter, TestModule } from 'vitest/node'

/** What became of the tests of a run. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * Ends the output of a test run with one plain line, `N passed, N failed`, and the skipped if there are any: for people
 * who scroll to the end and for programs that read it. What fails outside a test counts as a failure: an error while a
 * file is loaded or in its hooks, an unhandled error, a run that found no test at all.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const line = closingLine(tally(modules, unhandledErrors.length))
    // Whatever is still printed while the run is wound up comes before it.
    process.once('exit', () => process.stdout.write(`\n${line}\n`))
  }
}

/** The line for a tally. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function tally(modules: readonly TestModule[], unhandledErrors: number): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const count = (state: string): number => tests.filter((test) => test.result().state === state).length
  const outside = modules.reduce((sum, module) => sum + errorsOutsideTests(module), 0)
  const failed = count('failed') + count('pending') + outside + unhandledErrors
  return {
    passed: count('passed'),
    failed: tests.length === 0 ? Math.max(failed, 1) : failed,
    skipped: count('skipped'),
  }
}

/** Errors of a file and of its suites: syntax and imports, `beforeAll`, `afterAll`. */
function errorsOutsideTests(module: TestModule): number {
  const suites = [...module.children.allSuites()]
  return [module, ...suites].reduce((sum, holder) => sum + holder.errors().length, 0)
}

import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './test/closing-line/closing-line-reporter.ts'
import { LongestFirst } from './test/order/longest-first.ts'

// Vitest gives these conditions to Node as well, where `import` or `module` would break packages that `require` each other.
const source = { conditions: ['steptrail:source', 'node'] }

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    include: [
      '{packages,adapters}/*/{src,test}/**/*.test.ts',
      'testkit/src/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    globalSetup: ['testkit/src/global-setup.ts'],
    setupFiles: ['testkit/src/file-setup.ts'],
    reporters: ['default', new ClosingLineReporter()],
    pool: 'forks',
    // One more than there are processors, since many tests wait for other processes; each worker needs a gigabyte.
    maxWorkers: Math.min(availableParallelism() + 1, 5),
    sequence: { sequencer: LongestFirst },
    // To start an embedded database in a new process takes seconds; what tests stub is restored instead.
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is waited for comes at once on an idle machine; no test is about how soon.
    expect: { poll: { timeout: 20_000 } },
  },
})

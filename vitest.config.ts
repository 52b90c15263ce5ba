import { defineConfig } from 'vitest/config'

const source = { conditions: ['steptrail:source', 'node', 'import', 'module', 'default'] }

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'testkit/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    execArgv: ['--conditions=steptrail:source'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

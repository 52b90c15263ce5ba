import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from '../closing-line-reporter.ts'

/** Runs the files beside it, which fail in every way that there is. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.run.ts'],
    reporters: ['default', new ClosingLineReporter()],
  },
})

import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest, of which Vitest, which goes by the size of a file, would begin some at the very end. */
export const longest: readonly string[] = [
  'bench/src/chaos/chaos.e2e.test.ts',
  'packages/saga/test/crash/crash.e2e.test.ts',
  'packages/cli/test/demo.e2e.test.ts',
  'packages/web/test/accessibility.e2e.test.ts',
  'test/published/packages.e2e.test.ts',
  'bench/src/benches.e2e.test.ts',
  'test/documents/documents.test.ts',
  'test/documents/over-http.test.ts',
  'test/documents/readme.test.ts',
]

/** What tests need, as their files are named, from what takes longest to what takes a moment. */
const kinds: readonly RegExp[] = [/\.e2e\.test\.ts$/, /\.pg\.test\.ts$/]

/**
 * Begins what takes long first, so that no process of the run is left alone with it at the end: the longest files, then
 * what needs processes or a browser, then what needs a database, and at last all else.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort.call(this, files)
    return sorted.toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId))
  }
}

/** Lower comes earlier. */
export function rank(moduleId: string): number {
  const place = longest.findIndex((path) => moduleId.endsWith(`/${path}`))
  if (place !== -1) return place - longest.length
  const kind = kinds.findIndex((name) => name.test(moduleId))
  return kind === -1 ? kinds.length : kind
}

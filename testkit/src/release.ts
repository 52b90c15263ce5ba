import { onTestFinished, TestRunner } from 'vitest'

/** Ends something that a test started. */
export type Release = () => Promise<void>

const atEndOfFile: Release[] = []

/**
 * Runs `release` when the test that is running ends, whatever its outcome; called outside a test (in `beforeAll`, in a
 * module) at the end of the test file. What was started last is released first.
 */
export function releaseAfterTest(release: Release): void {
  if (TestRunner.getCurrentTest() === undefined) atEndOfFile.push(release)
  else onTestFinished(release)
}

/** Releases what is left at the end of a test file. Each failure is reported, and none keeps the rest from being done. */
export async function releaseAtEndOfFile(): Promise<void> {
  const failures: unknown[] = []
  for (const release of atEndOfFile.splice(0).toReversed()) {
    await release().catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw new AggregateError(failures, 'could not release what the test file started')
}

import { TrailError } from '../src/error.ts'

/** The TrailError that the work throws. Anything else, or nothing, fails the test. */
export function thrownBy(work: () => unknown): TrailError {
  try {
    work()
  } catch (error) {
    if (error instanceof TrailError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

import fc from 'fast-check'
import { afterAll } from 'vitest'
import { releaseAtEndOfFile } from './release.ts'

/**
 * Vitest's setup file: runs before each test file, and sees to it that nothing which the file started outlives it, and
 * that property tests draw the same in each run, so that one that fails was broken by what was changed. To search for
 * what nobody has thought of, `STEPTRAIL_PROPERTY_SEED` is another number, or `random`; a failure names its seed.
 */
const seed = process.env['STEPTRAIL_PROPERTY_SEED'] ?? '4711'
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) })

afterAll(releaseAtEndOfFile)

import { afterAll } from 'vitest'
import { releaseAtEndOfFile } from './release.ts'

/** Vitest's setup file: runs before each test file, and sees to it that nothing which the file started outlives it. */
afterAll(releaseAtEndOfFile)

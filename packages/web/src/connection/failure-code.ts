import { TrailError } from '@steptrail/client'

/** The code of an error of ours; `fault` for any other. */
export const codeOf = (error: unknown): string => (error instanceof TrailError ? error.code : 'fault')

/** What a recorder needs of Node. */
export type { Spool, SpoolBatch } from './spool.ts'

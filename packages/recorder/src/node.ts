export { closeOnSignals } from './node/close-on-signals.ts'
export type { Closable, CloseOnSignalsOptions } from './node/close-on-signals.ts'
export { makeDirectory } from './node/make-directory.ts'
export { defaultSpoolDirectory, recorderOptionsFromEnv } from './node/recorder-options-from-env.ts'
export type { RecorderOptionsFromEnv } from './node/recorder-options-from-env.ts'
export {
  inspectSpool,
  type InspectedDirectory,
  type InspectSpoolOptions,
} from './node/spool/inspect-spool.ts'
export { type DiskSpool, openSpool } from './node/spool/open-spool.ts'
export { spoolOnDemand } from './node/spool/spool-on-demand.ts'
export { type SpoolFile, type SpoolFiles, systemFiles } from './node/spool/spool-files.ts'
export type { SpoolOptions } from './node/spool/spool-options.ts'
export type { FsyncPolicy } from './node/spool/append-log.ts'
export type { Logger } from '@steptrail/event'
export type { Spool, SpoolBatch } from './spool.ts'

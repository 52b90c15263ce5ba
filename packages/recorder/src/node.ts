export { closeOnSignals } from './node/close-on-signals.ts'
export type { Closable, CloseOnSignalsOptions } from './node/close-on-signals.ts'
export { recorderOptionsFromEnv } from './node/recorder-options-from-env.ts'
export type { RecorderOptionsFromEnv } from './node/recorder-options-from-env.ts'

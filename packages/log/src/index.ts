export { loadOrCreateKey, type LoadedKey } from './key/key-file.ts'
export { SigningKey } from './key/signing-key.ts'
export { memoryInDirectory } from './memory/memory-file.ts'
export type { OutsideMemory } from './memory/outside-memory.ts'
export { seal, type Sealed, type SealOptions } from './seal/sealer.ts'
export { verifyLogs } from './verify/verify-log.ts'
export type {
  LogReport,
  LogVerdict,
  VerifyOptions,
  VerifyProgress,
  WalkPosition,
} from './verify/verify-options.ts'
export { readRuns } from './run/read-runs.ts'
export { verifyRuns, type RunsReport, type RunsRequest } from './run/verify-runs.ts'
export { type EvidencePack, makeEvidencePack } from './evidence/evidence-pack.ts'
export {
  type InclusionProof,
  type LogChoice,
  proveInclusion,
  readCheckpoint,
  readEntryBundle,
  readTile,
} from './read/read-log.ts'

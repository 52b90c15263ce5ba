export { loadOrCreateKey, type LoadedKey } from './key/key-file.ts'
export { SigningKey } from './key/signing-key.ts'
export { memoryInDirectory } from './memory/memory-file.ts'
export type { OutsideMemory } from './memory/outside-memory.ts'
export { requireSealed } from './seal/require-sealed.ts'
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
export { type EvidenceOptions, type EvidencePack, makeEvidencePack } from './evidence/evidence-pack.ts'
export {
  type ConsistencyProof,
  type InclusionProof,
  type LogChoice,
  proveGrowth,
  proveInclusion,
  readCheckpoint,
  readEntryBundle,
  readTile,
} from './read/read-log.ts'
export {
  type GrowingLog,
  type LastVerification,
  type LogStanding,
  type LogStatus,
  readGrowingLog,
  readLogStatus,
  unsealedCountLimit,
} from './read/log-status.ts'
export { readSealingLag, type SealingLag } from './read/sealing-lag.ts'
export { type TrailReport, verifyTrail, type VerifyTrailOptions } from './verify/verify-trail.ts'
export { type Restarted, restartLog, type RestartOptions } from './seal/restart-log.ts'
export { Sealer, type SealerOptions, type SealerState, type SealerTrouble } from './seal/running-sealer.ts'
export type { Published } from './seal/sign.ts'
export { erase, type EraseOptions, type ErasureMatch } from './erase/erase.ts'
export { type ErasureCertificate, erasureCertificate } from './erase/erasure-certificate.ts'
export { rotateKey, type RotateOptions } from './key/rotate-key.ts'
export { memoriesTogether } from './memory/outside-memory.ts'
export { serveWitness, type ServedWitness, type ServeWitnessOptions } from './witness/serve-witness.ts'
export { Witness, type WitnessAnswer, type WitnessOptions } from './witness/witness.ts'
export { witnessMemory, type WitnessPlace } from './witness/witness-memory.ts'

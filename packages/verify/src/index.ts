export { base64Of, bytesOfBase64 } from './bytes/base64.ts'
export { concatBytes, equalBytes, textOfUtf8, utf8 } from './bytes/bytes.ts'
export { bytesOfHex, hexOf } from './bytes/hex.ts'
export { CanonicalJsonError, canonicalJson, canonicalJsonMaxDepth } from './canonical-json.ts'
export type { Json } from './canonical-json.ts'
export {
  type CheckpointSource,
  type Defect,
  describeDefect,
  type PackDefect,
  type RunDefect,
} from './defect.ts'
export { sha256, type Sha256 } from './hash/sha256.ts'
export { type Commitments, commitmentsOf, entryOf, envelopeKeyOf, leafVersion } from './leaf/leaf.ts'
export {
  type Body,
  bodyColumns,
  type Envelope,
  envelopeColumns,
  type ErasedRecord,
  type SealedRecord,
  type WholeRecord,
} from './leaf/sealed-record.ts'
export { storedDetails } from './leaf/stored-details.ts'
export { type Checkpoint, checkpointText, parseCheckpoint, parseCheckpointText } from './note/checkpoint.ts'
export { handedOverTo, handoverLine } from './note/handover.ts'
export {
  cosignedBytes,
  isSignatureOf,
  noteText,
  type NoteSignature,
  type NoteVerdict,
  parseNote,
  signatureLine,
  type SignedBy,
  type SignedNote,
  timestampedSignature,
  verifyNote,
} from './note/signed-note.ts'
export { parseTlogProof, type TlogProof, tlogProofText } from './note/tlog-proof.ts'
export {
  type CheckpointToVerify,
  type CheckpointVerdict,
  verifyCheckpoint,
} from './note/verify-checkpoint.ts'
export {
  isKeyName,
  keyIdOf,
  keyOfType,
  keysOfLog,
  parseVkey,
  type SignatureType,
  type VerifierKey,
  vkeyOf,
} from './note/verifier-key.ts'
export { CompactTree, type OnSubtree, type TreePosition } from './tree/compact-tree.ts'
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './tree/proof.ts'
export { TiledTree } from './tree/tiled-tree.ts'
export {
  bundleOf,
  bundlePath,
  entriesOfBundle,
  fullRoot,
  hashesOf,
  hashLength,
  Tile,
  type TileName,
  tileOfPath,
  tilePath,
  type TileReader,
  tilesOf,
  tileWidth,
} from './tree/tiles.ts'
export { type TreeHash, treeHash } from './tree/tree-hash.ts'
export { LogWalk, type SignedTree, type WalkedEntry } from './tree/log-walk.ts'
export { checkRun, type RunVerdict } from './run/check-run.ts'
export type {
  RunAudit,
  RunDefinition,
  RunEvent,
  RunExecution,
  RunRecord,
  RunStep,
  RunTransition,
} from './run/run-record.ts'
export { endings, stepMoves } from './run/step-states.ts'
export { type PackContent, type PackedEvent, type PackedLog, writePack } from './pack/pack-content.ts'
export { type PackVerdict, verifyPack } from './pack/verify-pack.ts'
export { readZip, writeZip, type ZipFile } from './pack/zip.ts'

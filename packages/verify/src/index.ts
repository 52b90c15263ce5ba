export { CanonicalJsonError, canonicalJson, canonicalJsonMaxDepth } from './canonical-json.ts'
export type { Json } from './canonical-json.ts'

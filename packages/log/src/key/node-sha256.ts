import { hash } from 'node:crypto'
import { type Sha256, treeHash } from '@steptrail/verify'

/** SHA-256 by OpenSSL, which is faster than ours for what is longer than a few blocks. */
export const nodeSha256: Sha256 = (data) => hash('sha256', data, 'buffer')

/** The hashes of RFC 6962 by it. */
export const nodeTreeHash = treeHash(nodeSha256)

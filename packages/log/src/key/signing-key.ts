import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { TrailError } from '@steptrail/event'
import {
  cosignedBytes,
  keyIdOf,
  keyOfType,
  type NoteSignature,
  timestampedSignature,
  utf8,
  type VerifierKey,
} from '@steptrail/verify'

/** An Ed25519 key that signs checkpoints. The private part does not leave it. */
export class SigningKey {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly #key: KeyObject

  /** @throws TrailError `invalid_signing_key` for what is no Ed25519 private key in PEM */
  constructor(pem: string) {
    this.#key = privateKeyOf(pem)
    const { x } = createPublicKey(this.#key).export({ format: 'jwk' })
    this.publicKey = Uint8Array.from(Buffer.from(x ?? '', 'base64url'))
  }

  /** A new key, and its PEM to be kept. */
  static generate(): { readonly key: SigningKey; readonly pem: string } {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    return { key: new SigningKey(pem), pem }
  }

  /** Its public part, under the name of the log that it signs. */
  verifierKey(origin: string): VerifierKey {
    return { name: origin, type: 'ed25519', publicKey: this.publicKey }
  }

  /** Signs a checkpoint's text twice: plainly, and with the time (seconds since 1970) as a cosignature. */
  signatures(text: string, { origin, time }: { origin: string; time: number }): readonly NoteSignature[] {
    const plain = this.verifierKey(origin)
    const timed = keyOfType(plain, 'cosignature')
    return [
      { name: origin, keyId: keyIdOf(plain), signature: this.#sign(utf8(text)) },
      {
        name: origin,
        keyId: keyIdOf(timed),
        signature: timestampedSignature(time, this.#sign(cosignedBytes(text, time))),
      },
    ]
  }

  /** One cosignature, under the name of a witness. */
  cosignature(text: string, { name, time }: { name: string; time: number }): NoteSignature {
    const key: VerifierKey = { name, type: 'cosignature', publicKey: this.publicKey }
    const signature = timestampedSignature(time, this.#sign(cosignedBytes(text, time)))
    return { name, keyId: keyIdOf(key), signature }
  }

  #sign(message: Uint8Array): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(sign(null, message, this.#key))
  }
}

function privateKeyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (error) {
    throw invalid('what was given is no private key in PEM', error)
  }
  throw invalid('what was given is a key of another kind')
}

const invalid = (what: string, cause?: unknown): TrailError =>
  new TrailError(
    'invalid_signing_key',
    `${what}: give an Ed25519 key, as \`openssl genpkey -algorithm ed25519\` makes it`,
    cause === undefined ? {} : { cause },
  )

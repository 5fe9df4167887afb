import { type KeyObject, createPrivateKey } from 'node:crypto';
import { type SignKeyPair, sign, signKeyPairFromSeed, toBase64Url } from '@musubi/crypto';
import { certificateOf } from './certificate.js';
import { type NodeKey, parseNodeKey } from './node-key.js';

/** An Ed25519 private key as PKCS #8 (RFC 8410), up to the seed. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const LINE = 64;

/** A node's own key pair, with the certificate that shows it. An identity is not an agent's: an agent may move. */
export class NodeIdentity {
  readonly key: NodeKey;
  /** PEM. */
  readonly certificate: string;
  readonly #signing: SignKeyPair;
  readonly #privateKey: KeyObject;

  private constructor(seed: Uint8Array) {
    this.#signing = signKeyPairFromSeed(seed);
    this.key = parseNodeKey(toBase64Url(this.#signing.publicKey));
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([PKCS8_HEAD, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    const { publicKey } = this.#signing;
    this.certificate = pem(certificateOf({ publicKey, sign: (bytes) => this.sign(bytes) }));
  }

  /**
   * The caller keeps the seed as a secret: sealed, or in a file of mode 0600.
   * @throws InvalidKeyError unless the seed has 32 bytes
   */
  static fromSeed(seed: Uint8Array): NodeIdentity {
    return new NodeIdentity(seed);
  }

  /** Ed25519 with the node key: 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array {
    return sign(bytes, this.#signing.secretKey);
  }

  /** The private key for TLS, as PEM. For the carrier only. */
  privateKeyPem(): string {
    return this.#privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }
}

function pem(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

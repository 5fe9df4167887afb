/** The operations of libsodium that everything here is made of. Keys and outputs are raw bytes. */
export interface Primitives {
  /** BLAKE2b-256; `key` of 32 bytes or none. */
  blake2b(message: Uint8Array, key: Uint8Array | null): Uint8Array;
  /** The same of the parts together, without a key. */
  blake2bOf(parts: readonly Uint8Array[]): Uint8Array;
  /** Ed25519 keys from a 32-byte seed. */
  signKeyPair(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** Ed25519 with the 64-byte secret key: 64 bytes. */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /** Ed25519 public key to X25519. @throws Error for a key that is no point of the main subgroup */
  toX25519PublicKey(ed25519PublicKey: Uint8Array): Uint8Array;
  /** 64-byte Ed25519 secret key to a 32-byte X25519 one. */
  toX25519SecretKey(ed25519SecretKey: Uint8Array): Uint8Array;
  /** @throws Error when the result would be all zero */
  x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  x25519PublicKey(secretKey: Uint8Array): Uint8Array;
  /** XChaCha20-Poly1305-IETF: ciphertext followed by a 16-byte tag. */
  aeadSeal(box: AeadBox): Uint8Array;
  /** @throws Error when the tag does not verify */
  aeadOpen(box: AeadBox): Uint8Array;
  /** As `aeadSeal`, where the plaintext stands: the input ends with room for the tag. */
  aeadSealInPlace(box: AeadBox): void;
  /** As `aeadOpen`, where the ciphertext stands: the plaintext is all of it but the tag. @throws Error likewise */
  aeadOpenInPlace(box: AeadBox): void;
}

interface AeadBox {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  readonly associatedData: Uint8Array;
  /** Plaintext to seal, ciphertext to open. */
  readonly input: Uint8Array;
}

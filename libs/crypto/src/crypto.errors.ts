/** What can be wrong with bytes, keys and seals. None of them says more than that. */
export abstract class CryptoError extends Error {
  abstract readonly code: 'malformed-bytes' | 'open-failed' | 'invalid-key';
}

/** Bytes or text that are not in the one form they may have. */
export class MalformedBytesError extends CryptoError {
  override readonly name = 'MalformedBytesError';
  readonly code = 'malformed-bytes';
}

/** Not sealed with this key, for this purpose, or changed since. */
export class OpenFailedError extends CryptoError {
  override readonly name = 'OpenFailedError';
  readonly code = 'open-failed';
}

/** Not a key of its kind: wrong length, no point on the curve, or one of small order. */
export class InvalidKeyError extends CryptoError {
  override readonly name = 'InvalidKeyError';
  readonly code = 'invalid-key';
}

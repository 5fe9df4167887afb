import { createHash } from 'node:crypto';

/** What a certificate is made of: an Ed25519 public key, and a signature by its secret key. */
interface CertificateParts {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 over the bytes: 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
/** The field [0] of a certificate: its version. */
const VERSION = 0xa0;
const VERSION_3 = 2;
const SERIAL_BYTES = 8;

/**
 * A self-signed X.509 certificate (RFC 5280, RFC 8410) as DER. It says nothing but the key: names are empty, and it has
 * no end of validity (RFC 5280, 4.1.2.5), since a peer pins the key and reads nothing else. One key has one certificate.
 */
export function certificateOf({ publicKey, sign }: CertificateParts): Uint8Array {
  const algorithm = der(SEQUENCE, der(OBJECT_IDENTIFIER, Buffer.from([0x2b, 0x65, 0x70])));
  const noName = der(SEQUENCE);
  const validity = der(SEQUENCE, time('20200101000000Z'), time('99991231235959Z'));
  const signed = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([VERSION_3]))),
    der(INTEGER, serialOf(publicKey)),
    algorithm,
    noName,
    validity,
    noName,
    der(SEQUENCE, algorithm, bits(publicKey)),
  );
  return der(SEQUENCE, signed, algorithm, bits(sign(signed)));
}

/** Positive, since its first byte is 1. */
function serialOf(publicKey: Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(publicKey).digest();
  return Buffer.concat([Buffer.from([1]), digest.subarray(0, SERIAL_BYTES)]);
}

function time(text: string): Uint8Array {
  return der(GENERALIZED_TIME, Buffer.from(text));
}

/** A whole number of bytes: none of the last byte's bits is unused. */
function bits(bytes: Uint8Array): Uint8Array {
  return der(BIT_STRING, Buffer.from([0]), bytes);
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** The short form below 128, the long form of one byte above; a certificate of ours has less than 256 bytes. */
function lengthOf(size: number): Uint8Array {
  return Buffer.from(size < 0x80 ? [size] : [0x81, size]);
}

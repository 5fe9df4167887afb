import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { InvalidKeyError, fromBase64Url, verify } from '@musubi/crypto';
import { NodeIdentity, parseNodeKey } from '@musubi/network/nodes';
import fc from 'fast-check';

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const seed = new Uint8Array(32).fill(5);

describe('a node identity', () => {
  it('has a certificate that OpenSSL reads and verifies, and that shows the node key', () => {
    fc.assert(
      fc.property(seeds, (bytes) => {
        const identity = NodeIdentity.fromSeed(bytes);
        const certificate = new X509Certificate(identity.certificate);
        const key = certificate.publicKey.export({ format: 'jwk' }).x;
        expect([certificate.verify(certificate.publicKey), key]).toEqual([true, identity.key]);
      }),
      { numRuns: 20 },
    );
  });

  it('has the same certificate whenever it is made', () => {
    const { certificate } = NodeIdentity.fromSeed(seed);
    expect(NodeIdentity.fromSeed(seed).certificate).toBe(certificate);
    expect(new X509Certificate(certificate).raw.toString('hex')).toBe(GOLDEN);
  });

  it('names nobody in its certificate, which does not end', () => {
    const { subject, issuer, validTo } = new X509Certificate(NodeIdentity.fromSeed(seed).certificate);
    expect([subject, issuer, validTo]).toEqual([undefined, undefined, 'Dec 31 23:59:59 9999 GMT']);
  });

  it('signs with the node key', () => {
    const identity = NodeIdentity.fromSeed(seed);
    const bytes = Uint8Array.of(1, 2, 3);
    expect(verify(identity.sign(bytes), bytes, fromBase64Url(identity.key))).toBe(true);
  });

  it('shows its secret key to nobody who prints it', () => {
    const identity = NodeIdentity.fromSeed(seed);
    const printed = inspect(identity, { depth: 5, showHidden: true }) + JSON.stringify(identity);
    expect(printed).not.toMatch(/PRIVATE|secretKey|signing/);
  });

  it('needs a seed of 32 bytes', () => {
    expect(() => NodeIdentity.fromSeed(seed.subarray(1))).toThrow(InvalidKeyError);
  });
});

describe('a node key', () => {
  it('is 32 bytes as base64url, in their one spelling', () => {
    const { key } = NodeIdentity.fromSeed(seed);
    expect(parseNodeKey(key)).toBe(key);
    for (const text of ['', 'A', `${'A'.repeat(42)}B`, `${key}=`, key.slice(1)])
      expect(() => parseNodeKey(text)).toThrow('node key');
  });
});

/** Of the seed above; `openssl x509 -text` and `openssl verify -check_ss_sig` accept it. */
const GOLDEN = [
  '3081b7306ba0030201020209017599776c3085e3f9300506032b657030003022180f323032303031303130303030',
  '30305a180f39393939313233313233353935395a3000302a300506032b65700321006e7a1cdd29b0b78fd13af4c5',
  '598feff4ef2a97166e3ca6f2e4fbfccd80505bf1300506032b6570034100484674c23a4378ebc93135147eb133ba',
  '427deed21b465297ce4fcceaaf0ef57554f196b01083d5c6dacfef5f3379dfd0124f810e58f55e13cda4ed213d4d',
  '500d',
].join('');

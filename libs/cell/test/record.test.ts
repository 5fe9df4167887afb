import { describe, expect, it } from '@jest/globals';
import {
  type Action,
  type ActionContent,
  type EntryRecord,
  type SignedAction,
  decodeRecord,
  encodeRecord,
  entryHash,
  hashFrom,
  isAuthentic,
  signAction,
} from '@musubi/cell';
import { encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { InvalidRecordError, parseSignature, parseSpaceId } from '@musubi/messaging';
import fc from 'fast-check';
import { NOON, SPACE, bytesOf, keysOf } from './support/authors.js';

const alice = keysOf('alice');
const mallory = keysOf('mallory');
const CONTENT = bytesOf('an entry');
const ENTRY = { hash: entryHash(CONTENT), type: 'note', visibility: 'public' } as const;
const ACTION: Action = {
  space: SPACE,
  author: alice.agent,
  seq: 3,
  prev: hashFrom(new Uint8Array(32)),
  at: NOON,
  content: { type: 'create', entry: ENTRY },
};

function signedBy(signer: typeof alice, change: Partial<Action> = {}): SignedAction {
  return signAction({ ...ACTION, ...change }, (bytes) => signer.sign(bytes));
}

const record: EntryRecord = { signed: signedBy(alice), entry: ENTRY, content: CONTENT };

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte));
}

describe('a record', () => {
  it('is decoded to what was encoded', () => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  it('is rejected when any bit of it is flipped', () => {
    const bytes = encodeRecord(record);
    const anywhere = fc.tuple(fc.nat(bytes.length - 1), fc.nat(7));
    fc.assert(
      fc.property(anywhere, ([at, bit]) => {
        expect(() => decodeRecord(flipped(bytes, at, bit))).toThrow(InvalidRecordError);
      }),
      { numRuns: 500 },
    );
  });

  it('is rejected when it is cut short anywhere', () => {
    const bytes = encodeRecord(record);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => decodeRecord(bytes.subarray(0, length))).toThrow(InvalidRecordError);
      }),
    );
  });

  it('is rejected when it is any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(() => decodeRecord(bytes)).toThrow(InvalidRecordError);
      }),
    );
  });

  it('is rejected when another agent signed it', () => {
    const forged = { ...record, signed: signedBy(mallory) };
    expect(() => decodeRecord(encodeRecord(forged))).toThrow('not signed by its author');
  });

  it('is rejected when it comes with another entry', () => {
    const swapped = { ...record, content: bytesOf('another entry') };
    expect(() => decodeRecord(encodeRecord(swapped))).toThrow('the entry is another');
  });

  it('is rejected when its action creates no entry', () => {
    const signed = signedBy(alice, { content: { type: 'init-zomes-complete' } });
    expect(() => decodeRecord(encodeRecord({ ...record, signed }))).toThrow(InvalidRecordError);
  });

  it('is rejected when it has a field too many', () => {
    const bytes = encodeCanonical({ action: CONTENT, signature: '', content: CONTENT, more: 1 });
    expect(() => decodeRecord(bytes)).toThrow('malformed');
  });
});

const CONTENTS: Readonly<Record<ActionContent['type'], ActionContent>> = {
  dna: { type: 'dna', dna: hashFrom(new Uint8Array(32)) },
  'agent-validation-pkg': { type: 'agent-validation-pkg', membraneProof: bytesOf('proof') },
  'init-zomes-complete': { type: 'init-zomes-complete' },
  create: { type: 'create', entry: ENTRY },
  'create-link': { type: 'create-link', link: { base: ENTRY.hash, target: ENTRY.hash, tag: CONTENT } },
};
const HASH = hashFrom(new Uint8Array(32).fill(1));

describe('an action', () => {
  it.each(Object.values(CONTENTS))('of type $type is authentic as signed', (content) => {
    expect(isAuthentic(signedBy(alice, { content }))).toBe(true);
  });

  it.each([
    ['space', { space: parseSpaceId(HASH) }],
    ['author', { author: mallory.agent }],
    ['seq', { seq: 4 }],
    ['prev', { prev: null }],
    ['content', { content: CONTENTS.dna }],
    ['entry type', { content: { type: 'create', entry: { ...ENTRY, type: 'other' } } as const }],
    ['visibility', { content: { type: 'create', entry: { ...ENTRY, visibility: 'private' } } as const }],
  ])('is authentic no more with another %s', (_field, change) => {
    const { action, hash, signature } = signedBy(alice);
    expect(isAuthentic({ action: { ...action, ...change }, hash, signature })).toBe(false);
  });

  it('is authentic no more with another hash', () => {
    expect(isAuthentic({ ...signedBy(alice), hash: HASH })).toBe(false);
  });

  it('is authentic no more when any bit of its signature is flipped', () => {
    const signed = signedBy(alice);
    const bytes = fromBase64Url(signed.signature);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const signature = parseSignature(toBase64Url(flipped(bytes, at, bit)));
        expect(isAuthentic({ ...signed, signature })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('has another hash for each type of content', () => {
    const hashes = Object.values(CONTENTS).map((content) => signedBy(alice, { content }).hash);
    expect(new Set(hashes).size).toBe(5);
  });
});

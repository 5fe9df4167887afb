import { describe, expect, it } from '@jest/globals';
import { AgentKeys, encodeCanonical, fromBase64Url } from '@musubi/crypto';
import { NodeIdentity } from '@musubi/network/nodes';
import fc from 'fast-check';
import {
  MAX_LEASE_US,
  MAX_RECORD_BYTES,
  type NodeRecord,
  RecordRefusedError,
  type RecordRefusal,
  agentRecords,
  nodeRecords,
} from '@musubi/membership';
import { HOUR_US, NOON, after, agentNumber, agentRecord, nodeNumber, nodeRecord } from './support/people.js';
import { vector } from './support/vectors.js';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const identity = nodeNumber(1);

function refusalOf(work: () => unknown): RecordRefusal | 'none' {
  try {
    work();
  } catch (error) {
    if (error instanceof RecordRefusedError) return error.reason;
    throw error;
  }
  return 'none';
}

describe('the frozen records', () => {
  it('have the frozen bytes and fingerprints', () => {
    const node = nodeRecords.sign(vector.nodeContent, NodeIdentity.fromSeed(vector.nodeSeed));
    const agent = agentRecords.sign(vector.agentContent, AgentKeys.fromSeed(vector.agentSeed));

    expect([hexOf(node.bytes), hexOf(node.fingerprint)]).toEqual([
      hexOf(vector.nodeRecord),
      hexOf(vector.nodeFingerprint),
    ]);
    expect([hexOf(agent.bytes), hexOf(agent.fingerprint)]).toEqual([
      hexOf(vector.agentRecord),
      hexOf(vector.agentFingerprint),
    ]);
  });

  it('are read back', () => {
    expect(nodeRecords.open(vector.nodeRecord).content).toEqual(vector.nodeContent);
    expect(agentRecords.open(vector.agentRecord).content).toEqual(vector.agentContent);
  });
});

describe('a record', () => {
  it('is refused when any byte of it is changed', () => {
    const { bytes } = nodeRecord(identity);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ change : byte));
        expect(refusalOf(() => nodeRecords.open(changed))).not.toBe('none');
      }),
    );
  });

  it('is refused when it is cut or longer', () => {
    const { bytes } = agentRecord(agentNumber(1), identity);
    for (let length = 0; length < bytes.length; length += 1)
      expect(refusalOf(() => agentRecords.open(bytes.subarray(0, length)))).toMatch(
        /malformed|unknown-version/,
      );
    expect(refusalOf(() => agentRecords.open(Buffer.concat([bytes, Uint8Array.of(0)])))).toBe('malformed');
  });

  it('refuses all other bytes with a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1100 }), (bytes) => {
        expect(refusalOf(() => nodeRecords.open(bytes))).not.toBe('none');
        expect(refusalOf(() => agentRecords.open(bytes))).not.toBe('none');
      }),
    );
  });

  it('is not read as a record of the other kind', () => {
    expect(refusalOf(() => agentRecords.open(nodeRecord(identity).bytes))).toBe('malformed');
  });

  it('has a signature that nothing else of the same key has', () => {
    const items = [fromBase64Url(identity.key), fromBase64Url(identity.key), false, 1, NOON, after(HOUR_US)];
    const signed = nodeRecord(identity);
    const signature = signed.bytes.slice(-64);
    expect(refusalOf(() => agentRecords.open(encodeCanonical([1, ...items, signature])))).toBe(
      'bad-signature',
    );
  });

  it('of another version is refused by its own name', () => {
    expect(refusalOf(() => nodeRecords.open(encodeCanonical([2, 'later'])))).toBe('unknown-version');
  });

  it('is signed by nobody but the node that it names', () => {
    const { content } = nodeRecord(identity);
    expect(refusalOf(() => nodeRecords.sign(content, nodeNumber(2)))).toBe('bad-signature');
  });
});

describe('what a node record may say', () => {
  const arbitraryContent: fc.Arbitrary<Partial<NodeRecord>> = fc.record({
    addresses: fc.uniqueArray(
      fc.nat(65_535).map((port) => `tcp://192.0.2.1:${port}`),
      { maxLength: 8 },
    ),
    relays: fc
      .uniqueArray(fc.nat(50), { maxLength: 4 })
      .map((numbers) =>
        numbers.map((number) => ({ node: nodeNumber(number).key, address: 'wss://relay.example/musubi' })),
      ),
    arc: fc.constantFrom('full' as const, 'nearest' as const),
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  });

  it('comes back as it was signed', () => {
    fc.assert(
      fc.property(arbitraryContent, (changes) => {
        const { content, bytes } = nodeRecord(identity, changes);
        expect(nodeRecords.open(bytes).content).toEqual({ ...nodeRecord(identity).content, ...changes });
        expect(content).toEqual(nodeRecords.open(bytes).content);
      }),
      { numRuns: 50 },
    );
  });

  const longest = `wss://node.example/${'a'.repeat(109)}`;
  const numbered = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `tcp://192.0.2.1:${index}`);
  const refused: readonly (readonly [string, Partial<NodeRecord>])[] = [
    ['nine addresses', { addresses: numbered(9) }],
    ['one address twice', { addresses: ['tcp://192.0.2.1:1', 'tcp://192.0.2.1:1'] }],
    ['an address that is too long', { addresses: [`${longest}a`] }],
    ['an address with a space', { addresses: ['tcp://192.0.2.1:1 '] }],
    ['an address without a host', { addresses: ['tcp:///path'] }],
    ['an address with a password', { addresses: ['wss://name:word@node.example/'] }],
    ['an address beyond ASCII', { addresses: ['wss://nöde.example/'] }],
    ['a text that is no URL', { addresses: ['192.0.2.1:4040'] }],
    ['one relay twice', { relays: [0, 0].map(() => ({ node: identity.key, address: longest })) }],
    [
      'five relays',
      { relays: [1, 2, 3, 4, 5].map((n) => ({ node: nodeNumber(n).key, address: 'tcp://a:1' })) },
    ],
    ['seq 0', { seq: 0 }],
    ['a lease that ends before it begins', { expires: NOON }],
    ['a lease longer than a day', { expires: after(MAX_LEASE_US + 1) }],
  ];

  it.each(refused)('is refused with %s', (_, changes) => {
    expect(refusalOf(() => nodeRecord(identity, changes))).toBe('malformed');
  });

  it('has an address of 128 characters at most', () => {
    expect(longest).toHaveLength(128);
    expect(nodeRecord(identity, { addresses: [longest] }).content.addresses).toEqual([longest]);
  });

  it(`has ${MAX_RECORD_BYTES} bytes at most in all`, () => {
    const addresses = numbered(8).map((address) => `${address}/`.padEnd(128, 'a'));
    expect(refusalOf(() => nodeRecord(identity, { addresses }))).toBe('oversized');
  });
});

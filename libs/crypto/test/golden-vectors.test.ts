import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AgentKeys,
  OrderPreservingMap,
  decodeCanonical,
  encodeCanonical,
  hash,
  keyedHash,
  openLetter,
  openWithPassphrase,
  paddedLength,
  usePrimitives,
} from '../src/index.js';
import { own } from './support/vectors.js';

const [first, second] = own.agents;
if (first === undefined || second === undefined) throw new Error('two agents are needed');

describe.each(['wasm', 'native'] as const)('with %s primitives', (name) => {
  beforeAll(() => usePrimitives(name));
  afterAll(() => usePrimitives('wasm'));

  it.each(own.hash)('a hash frames its parts (%#)', ({ domain, parts, digest }) => {
    expect(new Uint8Array(hash(domain, ...parts))).toEqual(digest);
  });

  it.each(own.keyedHash)('a keyed hash frames its parts (%#)', ({ key, domain, parts, digest }) => {
    expect(new Uint8Array(keyedHash(key, domain, ...parts))).toEqual(digest);
  });

  it.each(own.canonical)('a value has its canonical bytes (%#)', ({ json, bytes }) => {
    expect(new Uint8Array(encodeCanonical(json))).toEqual(bytes);
    expect(decodeCanonical(bytes)).toEqual(json);
  });

  it.each(own.padding)('a length has its size class (%#)', ({ length, padded }) => {
    expect(paddedLength(length)).toBe(padded);
  });

  it.each(own.agents)('a seed is always the same agent (%#)', ({ seed, agent }) => {
    expect(AgentKeys.fromSeed(seed).agent).toBe(agent);
  });

  it.each(own.pads)('a block has its pad (%#)', ({ seed, domain, blocks, pads }) => {
    expect(new Uint8Array(AgentKeys.fromSeed(seed).pads(domain, blocks))).toEqual(pads);
  });

  it('a pair has one secret, whichever of the two derives it', () => {
    const [alice, bob] = [AgentKeys.fromSeed(first.seed), AgentKeys.fromSeed(second.seed)];

    expect(new Uint8Array(alice.pairSecret(bob.agent))).toEqual(own.pairSecret);
    expect(new Uint8Array(bob.pairSecret(alice.agent))).toEqual(own.pairSecret);
  });

  it('a time has its position', () => {
    const map = new OrderPreservingMap(own.orderPreserving.key);

    const positions = own.orderPreserving.positions.map(({ value }) => String(map.encode(value)));

    expect(positions).toEqual(own.orderPreserving.positions.map(({ position }) => position));
  });

  it.each(own.agents)('an old letter opens for its reader (%#)', ({ seed }) => {
    const { signing } = AgentKeys.fromSeed(seed);

    expect(new Uint8Array(openLetter({ letter: own.letter.letter, reader: signing }))).toEqual(
      own.letter.plaintext,
    );
  });

  it('an old secret opens with its passphrase', async () => {
    const { sealed, passphrase, secret } = own.passphrase;

    expect(new Uint8Array(await openWithPassphrase({ sealed, passphrase }))).toEqual(secret);
  });
});

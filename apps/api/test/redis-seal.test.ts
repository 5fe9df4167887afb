import { describe, expect, it } from '@jest/globals';
import { hash, pad, paddedLength, seal } from '@musubi/crypto';
import { makeRedisSeal } from '../src/node/redis-seal.js';

const secretOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const PLAINTEXT = new TextEncoder().encode('what crosses');

/** Sealed to channel a with the node's own key, but as it is. */
const sealedAsItIs = (plaintext: Uint8Array): Uint8Array =>
  seal({
    key: hash('musubi/redis/sealing', secretOf(1)),
    plaintext,
    associatedData: new TextEncoder().encode('a'),
  });

const flipped = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, index) => (index === 30 ? byte ^ 1 : byte));

const here = makeRedisSeal(secretOf(1));
const there = makeRedisSeal(secretOf(1));
const stranger = makeRedisSeal(secretOf(2));

describe('the seal on what crosses Redis', () => {
  it('names a channel alike in every process of the node, and unlike in another node', () => {
    expect(here.channelOf('call/bob')).toBe(there.channelOf('call/bob'));
    expect(new Set([here, stranger].flatMap((seal) => [seal.channelOf('a'), seal.channelOf('b')])).size).toBe(
      4,
    );
  });

  it('opens in another process of the node', () => {
    expect(there.open('a', here.seal('a', PLAINTEXT))).toEqual(PLAINTEXT);
  });

  it('shows nothing of the text, and never the same bytes twice', () => {
    const [once, twice] = [here.seal('a', PLAINTEXT), here.seal('a', PLAINTEXT)].map((sealed) =>
      Buffer.from(sealed),
    );

    expect(once?.includes('what crosses')).toBe(false);
    expect(once).not.toEqual(twice);
  });

  it('leaves one length to all that has up to 2047 bytes, and classes to what is longer', () => {
    const lengths = [0, 194, 1894, 2047, 2048, 262_144].map(
      (length) => here.seal('a', new Uint8Array(length)).length - 40,
    );

    expect(lengths).toEqual([2048, 2048, 2048, 2048, paddedLength(2048), paddedLength(262_144)]);
  });

  it.each([
    ['another channel', here.open('b', here.seal('a', PLAINTEXT))],
    ['another node', stranger.open('a', here.seal('a', PLAINTEXT))],
    ['bytes that nobody sealed', here.open('a', PLAINTEXT)],
    ['no bytes at all', here.open('a', new Uint8Array())],
    ['what was sealed without padding', here.open('a', sealedAsItIs(PLAINTEXT))],
    ['what was padded to another class', here.open('a', sealedAsItIs(pad(PLAINTEXT)))],
    ['a changed byte', here.open('a', flipped(here.seal('a', PLAINTEXT)))],
  ])('does not open: %s', (_, opened) => {
    expect(opened).toBeNull();
  });
});

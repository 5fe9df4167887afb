import { describe, expect, it } from '@jest/globals';
import { makeRedisSeal } from '../src/node/redis-seal.js';

const secretOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const PLAINTEXT = new TextEncoder().encode('what crosses');

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

  it.each([
    ['another channel', here.open('b', here.seal('a', PLAINTEXT))],
    ['another node', stranger.open('a', here.seal('a', PLAINTEXT))],
    ['bytes that nobody sealed', here.open('a', PLAINTEXT)],
    ['no bytes at all', here.open('a', new Uint8Array())],
    ['a changed byte', here.open('a', flipped(here.seal('a', PLAINTEXT)))],
  ])('does not open: %s', (_, opened) => {
    expect(opened).toBeNull();
  });
});

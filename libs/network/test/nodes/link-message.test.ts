import { describe, expect, it } from '@jest/globals';
import { type Canonical, encodeCanonical } from '@musubi/crypto';
import { parseAgentPubKey } from '@musubi/messaging';
import { type LinkMessage, LinkRefusedError, decodeMessage, encodeMessage } from '@musubi/network/nodes';
import fc from 'fast-check';
import { anyText } from '../../../../test/support/any-text.js';

const agents = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => parseAgentPubKey(Buffer.from(bytes).toString('base64url')));
const texts = anyText().filter((text) => text.length <= 256);
const outcomes = fc.oneof(
  fc.record({ kind: fc.constant('ok' as const), reply: fc.uint8Array() }),
  fc.record({ kind: fc.constant('refused' as const), code: texts, retryable: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('not-sent' as const, 'unknown' as const), detail: texts }),
);
const calls = fc.record({ from: agents, to: agents, fn: texts, payload: fc.uint8Array() });
const proofs = fc.record({
  agent: agents,
  serial: fc.maxSafeNat(),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
});
const messages: fc.Arbitrary<LinkMessage> = fc.oneof(
  fc.record({ kind: fc.constantFrom('hello' as const, 'ping' as const, 'pong' as const, 'bye' as const) }),
  fc.record({ kind: fc.constant('proof' as const), proof: proofs, statement: fc.option(fc.uint8Array()) }),
  fc.record({
    kind: fc.constant('ask' as const),
    id: fc.maxSafeNat(),
    topic: texts,
    payload: fc.uint8Array(),
  }),
  fc.record({ kind: fc.constant('call' as const), id: fc.maxSafeNat(), call: calls }),
  fc.record({ kind: fc.constant('reply' as const), id: fc.maxSafeNat(), outcome: outcomes }),
);

describe('a message on a link', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
    );
  });

  it('is refused for any bytes that are not its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readOrRefuse(bytes)).not.toBe('another error');
      }),
    );
  });

  it('is refused when any byte of it changed to something else than another message', () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, place, change) => {
        const bytes = Uint8Array.from(encodeMessage(message));
        const index = place % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ change;
        const read = readOrRefuse(bytes);
        if (typeof read !== 'string') expect(encodeMessage(read)).toEqual(bytes);
        else expect(read).toBe('refused');
      }),
    );
  });

  const id = 1;
  const key = new Uint8Array(32);
  const wrong: readonly [string, Canonical][] = [
    ['no list', { kind: 0 }],
    ['an empty list', []],
    ['an unknown kind', [8]],
    ['a kind by name', ['hello']],
    ['more than it has', [0, 0]],
    ['a call without a payload', [4, id, key, key, 'fn']],
    ['a call with a negative id', [4, -1, key, key, 'fn', key]],
    ['a call from a short key', [4, id, key.subarray(1), key, 'fn', key]],
    ['a call of a long name', [4, id, key, key, 'f'.repeat(257), key]],
    ['a proof with a short signature', [3, key, 1, key, null]],
    ['a proof without a statement', [3, key, 1, new Uint8Array(64)]],
    ['a proof with a statement that is too long', [3, key, 1, new Uint8Array(64), new Uint8Array(2113)]],
    ['a question that is too long', [7, id, 'records/1', new Uint8Array(64 * 1024 + 1)]],
    ['a question without a topic', [7, id, null, key]],
    ['a reply of a fifth kind', [5, id, 'maybe', 'x']],
    ['a refusal without a flag', [5, id, 'refused', 'code']],
  ];
  it.each(wrong)('is refused as %s', (_name, value) => {
    expect(() => decodeMessage(encodeCanonical(value))).toThrow(new LinkRefusedError('malformed-frame'));
  });

  it('shortens what went wrong, and never halves a character', () => {
    const outcome = { kind: 'unknown', detail: `${'x'.repeat(255)}😀` } as const;
    expect(decodeMessage(encodeMessage({ kind: 'reply', id, outcome }))).toMatchObject({
      outcome: { detail: `${'x'.repeat(255)}\uFFFD` },
    });
  });
});

function readOrRefuse(bytes: Uint8Array): LinkMessage | 'refused' | 'another error' {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    return error instanceof LinkRefusedError ? 'refused' : 'another error';
  }
}

import { describe, expect, it } from '@jest/globals';
import { parseAgentPubKey } from '@musubi/messaging';
import fc from 'fast-check';
import { anyText } from '../../../test/support/any-text.js';
import { decodeCall, decodeReply, encodeCall, encodeReply } from '../src/redis/call-frame.js';

const agent = parseAgentPubKey('A'.repeat(43));

describe('a frame between processes', () => {
  it('brings a call with any well-formed text in it', () => {
    fc.assert(
      fc.property(anyText(), anyText(), fc.uint8Array(), (id, fn, payload) => {
        const travelling = { id, replyTo: fn, call: { from: agent, to: agent, fn, payload } };
        expect(decodeCall(encodeCall(travelling))).toEqual(travelling);
      }),
    );
  });

  it('brings a reply with any well-formed text in it', () => {
    fc.assert(
      fc.property(anyText(), anyText(), fc.boolean(), (id, text, retryable) => {
        const outcomes = [
          { kind: 'refused', code: text, retryable },
          { kind: 'not-sent', detail: text },
          { kind: 'unknown', detail: text },
        ] as const;
        for (const outcome of outcomes) {
          expect(decodeReply(encodeReply({ id, outcome }))).toEqual({ id, outcome });
        }
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError } from '@musubi/messaging';
import { requireReply } from '@musubi/network';

describe('requireReply', () => {
  it('gives the reply of a call that ended ok', () => {
    expect(requireReply({ kind: 'ok', reply: Uint8Array.of(7) })).toEqual(Uint8Array.of(7));
  });

  it('throws RecipientUnreachableError for a call that was not sent', () => {
    expect(() => requireReply({ kind: 'not-sent', detail: 'offline' })).toThrow(RecipientUnreachableError);
  });

  it('throws RemoteCallRefusedError for a refusal', () => {
    const outcome = { kind: 'refused', code: 'invalid-message', retryable: false } as const;
    expect(() => requireReply(outcome)).toThrow(RemoteCallRefusedError);
  });

  it.each([true, false])('keeps what the refusal says of a retry (%s)', (retryable) => {
    const outcome = { kind: 'refused', code: 'head-moved', retryable } as const;
    expect(() => requireReply(outcome)).toThrow(expect.objectContaining({ reason: 'head-moved', retryable }));
  });

  it('throws RemoteCallUnknownError for an outcome that is not known', () => {
    expect(() => requireReply({ kind: 'unknown', detail: 'cut' })).toThrow(RemoteCallUnknownError);
  });
});

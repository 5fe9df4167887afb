import { RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError } from '@musubi/messaging';
import { type RemoteCallOutcome } from './remote-calls.js';

/**
 * The reply of a call, for callers that go on only when there is one.
 * @throws RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError
 */
export function requireReply(outcome: RemoteCallOutcome): Uint8Array {
  switch (outcome.kind) {
    case 'ok':
      return outcome.reply;
    case 'not-sent':
      throw new RecipientUnreachableError(`the remote call was not sent: ${outcome.detail}`);
    case 'refused':
      throw new RemoteCallRefusedError(outcome.code, outcome.retryable);
    case 'unknown':
      throw new RemoteCallUnknownError(`the remote call may have succeeded: ${outcome.detail}`);
  }
}

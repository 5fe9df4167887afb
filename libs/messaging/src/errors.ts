/** Every way the act of sending can be refused or fail, by the name a caller can act on. */
export type ErrorCode =
  | 'agent-moved'
  | 'agent-offline'
  | 'caller-not-author'
  | 'chain-fork'
  | 'chain-locked'
  | 'clone-disabled'
  | 'clone-limit-reached'
  | 'clone-not-found'
  | 'countersigning-ended'
  | 'file-in-use'
  | 'file-incomplete'
  | 'file-not-found'
  | 'file-quota-exceeded'
  | 'head-moved'
  | 'invalid-cursor'
  | 'invalid-message'
  | 'invalid-receipt'
  | 'invalid-record'
  | 'message-deleted'
  | 'message-not-found'
  | 'message-undelivered'
  | 'message-unreadable'
  | 'not-joined'
  | 'not-recipient'
  | 'pin-ahead'
  | 'pin-limit-reached'
  | 'recipient-refuses'
  | 'recipient-unreachable'
  | 'remote-call-refused'
  | 'remote-call-unknown'
  | 'upload-limit-reached'
  | 'upload-mismatch'
  | 'upload-offset-wrong'
  | 'upload-unknown';

export abstract class MessagingError extends Error {
  abstract readonly code: ErrorCode;
  /** True when the same call may succeed later with nothing changed by the caller. */
  readonly retryable: boolean = false;
}

/** The agent has left this node, or is leaving it: nothing more is written for it here. Its new node can do what was asked. */
export class AgentMovedError extends MessagingError {
  override readonly name = 'AgentMovedError';
  readonly code = 'agent-moved';
  override readonly retryable = true;
}

/** The agent's key is not unlocked on this node, so its cell cannot sign. */
export class AgentOfflineError extends MessagingError {
  override readonly name = 'AgentOfflineError';
  readonly code = 'agent-offline';
  override readonly retryable = true;
}

/** Somebody hands in a message or record that another agent authored, or asks for what only its author may. */
export class CallerNotAuthorError extends MessagingError {
  override readonly name = 'CallerNotAuthorError';
  readonly code = 'caller-not-author';
}

/** Two different actions by one author claim the same place on its chain. */
export class ChainForkError extends MessagingError {
  override readonly name = 'ChainForkError';
  readonly code = 'chain-fork';
}

/** The chain is locked for a countersigning session, which ends within seconds. */
export class ChainLockedError extends MessagingError {
  override readonly name = 'ChainLockedError';
  readonly code = 'chain-locked';
  override readonly retryable = true;
}

/** The cloned cell is switched off: nothing is written in it, and it answers nobody, until its holder enables it. */
export class CloneDisabledError extends MessagingError {
  override readonly name = 'CloneDisabledError';
  readonly code = 'clone-disabled';
  override readonly retryable = true;
}

/** The agent already has as many enabled cloned cells as it allows; disabling one makes room. */
export class CloneLimitReachedError extends MessagingError {
  override readonly name = 'CloneLimitReachedError';
  readonly code = 'clone-limit-reached';
  override readonly retryable = true;
}

/** The agent has no cloned cell with this peer. */
export class CloneNotFoundError extends MessagingError {
  override readonly name = 'CloneNotFoundError';
  readonly code = 'clone-not-found';
}

/** The session ended before its author committed: nothing was committed on either chain. */
export class CountersigningEndedError extends MessagingError {
  override readonly name = 'CountersigningEndedError';
  readonly code = 'countersigning-ended';
  override readonly retryable = true;
}

/** A message of the agent's refers to the file: deleting the last such message frees it. */
export class FileInUseError extends MessagingError {
  override readonly name = 'FileInUseError';
  readonly code = 'file-in-use';
}

/** The recipient does not hold every chunk of the message's file. */
export class FileIncompleteError extends MessagingError {
  override readonly name = 'FileIncompleteError';
  readonly code = 'file-incomplete';
  override readonly retryable = true;
}

/** This agent holds no such file. Also the answer for files of others: no oracle. */
export class FileNotFoundError extends MessagingError {
  override readonly name = 'FileNotFoundError';
  readonly code = 'file-not-found';
}

/** The agent's files would take more room than it has; deleting messages with files makes room. */
export class FileQuotaExceededError extends MessagingError {
  override readonly name = 'FileQuotaExceededError';
  readonly code = 'file-quota-exceeded';
  override readonly retryable = true;
}

/** Strict ordering: another write moved the head of the chain since this call looked at it. */
export class HeadMovedError extends MessagingError {
  override readonly name = 'HeadMovedError';
  readonly code = 'head-moved';
  override readonly retryable = true;
}

/** A cursor that was not made here for this agent. */
export class InvalidCursorError extends MessagingError {
  override readonly name = 'InvalidCursorError';
  readonly code = 'invalid-cursor';
}

/** A message that is malformed, oversize, or not signed by its author. */
export class InvalidMessageError extends MessagingError {
  override readonly name = 'InvalidMessageError';
  readonly code = 'invalid-message';
}

/** A receipt that its rightful maker did not sign, or that is for something else. */
export class InvalidReceiptError extends MessagingError {
  override readonly name = 'InvalidReceiptError';
  readonly code = 'invalid-receipt';
}

/** A chain record whose hash, signature or membrane proof does not hold. */
export class InvalidRecordError extends MessagingError {
  override readonly name = 'InvalidRecordError';
  readonly code = 'invalid-record';
}

/** This agent put a tombstone on the message. */
export class MessageDeletedError extends MessagingError {
  override readonly name = 'MessageDeletedError';
  readonly code = 'message-deleted';
}

/** This agent holds no such message. Also the answer for messages of others: no oracle. */
export class MessageNotFoundError extends MessagingError {
  override readonly name = 'MessageNotFoundError';
  readonly code = 'message-not-found';
}

/** The recipient does not have the message yet, so that it cannot be told anything of it. */
export class MessageUndeliveredError extends MessagingError {
  override readonly name = 'MessageUndeliveredError';
  readonly code = 'message-undelivered';
  override readonly retryable = true;
}

/** This agent holds the message, but what is stored of it cannot be read: it was damaged, or written by a newer version. */
export class MessageUnreadableError extends MessagingError {
  override readonly name = 'MessageUnreadableError';
  readonly code = 'message-unreadable';
}

/** The callee has not joined the space that the records belong to. */
export class NotJoinedError extends MessagingError {
  override readonly name = 'NotJoinedError';
  readonly code = 'not-joined';
  override readonly retryable = true;
}

/** The message is for somebody else. */
export class NotRecipientError extends MessagingError {
  override readonly name = 'NotRecipientError';
  readonly code = 'not-recipient';
}

/** The time of a statement on a pin is too far in the future: its maker's clock or this agent's is wrong. */
export class PinAheadError extends MessagingError {
  override readonly name = 'PinAheadError';
  readonly code = 'pin-ahead';
}

/** One agent has pinned or unpinned the message as often as it may. */
export class PinLimitReachedError extends MessagingError {
  override readonly name = 'PinLimitReachedError';
  readonly code = 'pin-limit-reached';
}

/** The recipient takes no messages of this author. Whether it blocks the author, or most others too, it does not say. */
export class RecipientRefusesError extends MessagingError {
  override readonly name = 'RecipientRefusesError';
  readonly code = 'recipient-refuses';
}

/** The remote call never left: nothing happened at the callee. */
export class RecipientUnreachableError extends MessagingError {
  override readonly name = 'RecipientUnreachableError';
  readonly code = 'recipient-unreachable';
  override readonly retryable = true;
}

/** The callee answered no and committed nothing; `reason` is the callee's own code. */
export class RemoteCallRefusedError extends MessagingError {
  override readonly name = 'RemoteCallRefusedError';
  readonly code = 'remote-call-refused';

  constructor(
    readonly reason: string,
    override readonly retryable: boolean,
  ) {
    super(`the remote call was refused: ${reason}`);
  }
}

/** Cut or timed out: the callee may have committed. Probe before anything else. */
export class RemoteCallUnknownError extends MessagingError {
  override readonly name = 'RemoteCallUnknownError';
  readonly code = 'remote-call-unknown';
  override readonly retryable = true;
}

/** The agent has begun as many uploads as it may: completing, deleting or expiring makes room. */
export class UploadLimitReachedError extends MessagingError {
  override readonly name = 'UploadLimitReachedError';
  readonly code = 'upload-limit-reached';
  override readonly retryable = true;
}

/** All bytes have come, and they are others than the digest that was announced. The upload is gone. */
export class UploadMismatchError extends MessagingError {
  override readonly name = 'UploadMismatchError';
  readonly code = 'upload-mismatch';
}

/** The upload goes on elsewhere: what was sent from another offset is not written. */
export class UploadOffsetError extends MessagingError {
  override readonly name = 'UploadOffsetError';
  readonly code = 'upload-offset-wrong';
}

/** This agent has no such upload, or no more. Also the answer for uploads of others: no oracle. */
export class UploadUnknownError extends MessagingError {
  override readonly name = 'UploadUnknownError';
  readonly code = 'upload-unknown';
}

import {
  type AgentPubKey,
  CallerNotAuthorError,
  InvalidMessageError,
  InvalidReceiptError,
  type Notary,
  NotRecipientError,
  type SignedMessage,
  type SignedPin,
  type SignedReceipt,
  type SpaceId,
} from '@musubi/messaging';
import { fromBase64Url, verify } from '@musubi/crypto';
import { pinBytes } from './signed-bytes.js';

/** Who hands something in, to whom, in which space: known from how it came, not from what it says. */
export interface HandIn {
  readonly caller: AgentPubKey;
  readonly callee: AgentPubKey;
  readonly space: SpaceId;
}

/**
 * Everything a recipient checks of a message before it writes anything.
 * @throws CallerNotAuthorError, NotRecipientError, InvalidMessageError
 */
export function vetMessage(notary: Notary, signed: SignedMessage, { caller, callee, space }: HandIn): void {
  if (signed.message.author !== caller)
    throw new CallerNotAuthorError('the caller did not write this message');
  if (signed.message.recipient !== callee) throw new NotRecipientError('this message is for somebody else');
  if (signed.saved.space !== space) throw new InvalidMessageError('this message was saved in another space');
  notary.verifyMessage(signed);
}

/**
 * What an author checks of a receipt that is handed in, besides its signature.
 * @throws CallerNotAuthorError, InvalidReceiptError
 */
export function vetReceipt(receipt: SignedReceipt, { caller, space }: HandIn): void {
  if (receipt.by !== caller) throw new CallerNotAuthorError('the caller did not make this receipt');
  if (receipt.space !== space) throw new InvalidReceiptError('this receipt was made in another space');
}

/**
 * What a peer checks of a statement on a pin before it looks at the message. Needs nobody's keys.
 * @throws CallerNotAuthorError, InvalidMessageError
 */
export function vetPin(pin: SignedPin, { caller, space }: HandIn): void {
  if (pin.by !== caller) throw new CallerNotAuthorError('the caller did not make this statement');
  if (pin.space !== space) throw new InvalidMessageError('this statement was made in another space');
  if (!verify(fromBase64Url(pin.signature), pinBytes(pin), fromBase64Url(pin.by)))
    throw new InvalidMessageError('the signature is not that of the statement and its maker');
}

import { type Rows, whileAway } from '@musubi/database';
import {
  type Clock,
  type MessageDraft,
  type MessageId,
  type MessagingStrategy,
  type SignedReceipt,
} from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';

/** The database went away while a message was saved: nobody can tell whether the message is stored. */
export class SaveUnknownError extends Error {
  override readonly name = 'SaveUnknownError';

  constructor(
    readonly messageId: MessageId,
    cause: unknown,
  ) {
    super('the message may be saved', { cause });
  }
}

/**
 * Saves a message, and again for a short while when the database goes away meanwhile: saving repeats harmlessly.
 * @throws what `save` throws, with nothing committed; SaveUnknownError when it may be committed
 */
export function saveMessage(
  { strategy, clock }: { readonly strategy: MessagingStrategy<string, Rows>; readonly clock: Clock },
  draft: MessageDraft,
  rows: readonly Rows[],
): Promise<SignedReceipt> {
  return whileAway(
    clock,
    () => strategy.save(draft, rows),
    (cause) => new SaveUnknownError(messageIdOf(draft), cause),
  );
}

import { type Copy, copyOf, verifyingOnce } from '@musubi/audit';
import {
  type HeldMessage,
  type StrategyName,
  type Timestamp,
  parseAgentPubKey,
  parseMessageId,
  parseTimestamp,
  signedReceiptSchema,
  messageDraftSchema,
} from '@musubi/messaging';
import { verifyReceipt } from '@musubi/receipts';
import { type Agent, type Client, type MessageJson } from '../../apps/api/test/support/client.js';

const PAGE = 200;

/** Everything that an agent is shown of a placement over HTTP, page by page. */
export async function messagesOf(
  client: Client,
  placement: StrategyName,
  { token }: Agent,
): Promise<readonly MessageJson[]> {
  const messages: MessageJson[] = [];
  for (let before = ''; ;) {
    const path = `/v1/strategies/${placement}/messages?limit=${PAGE}${before}`;
    const { items, next } = await client.get('messages', path, { token });
    messages.push(...items);
    if (next === null) return messages;
    before = `&before=${next}`;
  }
}

const verify = verifyingOnce(verifyReceipt);

/** The same for the audit: with the bytes that the receipts sign, so that nothing is taken on trust. */
export function copyShown(holder: Agent, message: MessageJson): Copy {
  return copyOf(parseAgentPubKey(holder.agent), heldFrom(message), verify);
}

function heldFrom(shown: MessageJson): HeldMessage {
  const { author, recipient, payload, replyTo, nonce } = shown;
  const sentAt = fromRfc3339(shown.sentAt);
  const draft = messageDraftSchema.parse({ author, recipient, payload, replyTo, nonce, sentAt });
  const receipts = shown.receipts.map(({ message, status, by, at, space, signature }) =>
    signedReceiptSchema.parse({ message, status, by, space, signature, at: fromRfc3339(at) }),
  );
  const status = receipts.find((receipt) => receipt.status === shown.status)?.status ?? 'saved';
  return { message: { id: parseMessageId(shown.id), ...draft }, status, receipts };
}

/** Microseconds, which `Date` does not keep. */
function fromRfc3339(text: string): Timestamp {
  const micros = /\.\d{3}(\d{3})Z$/.exec(text)?.[1] ?? '0';
  return parseTimestamp(Date.parse(text) * 1000 + Number(micros));
}

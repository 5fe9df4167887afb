import {
  type AgentPubKey,
  type HeldMessage,
  InvalidReceiptError,
  type MessageId,
  type MessageQuery,
  type MessageReader,
  type Notary,
  type ReceiptStatus,
} from '@musubi/messaging';

/** A message in the list of one agent. Two copies of one message in a list are one too many. */
export interface Copy {
  readonly holder: AgentPubKey;
  readonly id: MessageId;
  readonly status: ReceiptStatus;
  /** Its receipts are signed by those who may state them, and one of them states its status. */
  readonly isSigned: boolean;
}

type Verify = Notary['verifyReceipt'];

const PAGE = 200;

/** All that an agent holds on a placement, read page by page as any client reads. */
export async function heldBy(
  messages: Pick<MessageReader, 'list'>,
  holder: AgentPubKey,
): Promise<readonly HeldMessage[]> {
  const held: HeldMessage[] = [];
  let query: MessageQuery | null = { anchor: { at: 'latest' }, limit: PAGE };
  while (query !== null) {
    const page: Awaited<ReturnType<MessageReader['list']>> = await messages.list(holder, query);
    held.push(...page.items);
    query = page.next === null ? null : { anchor: { at: 'before', cursor: page.next }, limit: PAGE };
  }
  return held;
}

export function copyOf(holder: AgentPubKey, held: HeldMessage, verify: Verify): Copy {
  return { holder, id: held.message.id, status: held.status, isSigned: isSigned(held, verify) };
}

function isSigned({ message, status, receipts }: HeldMessage, verify: Verify): boolean {
  const [saved] = receipts;
  try {
    for (const receipt of receipts) verify(receipt, message);
  } catch (error) {
    if (error instanceof InvalidReceiptError) return false;
    throw error;
  }
  return (
    saved?.status === 'saved' &&
    receipts.every(({ space }) => space === saved.space) &&
    receipts.some((receipt) => receipt.status === status)
  );
}

/** Verifies each receipt once, however often it is read: most of the time of a check is signatures. */
export function verifyingOnce(verify: Verify): Verify {
  const verified = new Set<string>();
  return (receipt, message) => {
    const name = [receipt.message, receipt.status, receipt.at, receipt.space, receipt.signature].join();
    if (verified.has(name)) return;
    verify(receipt, message);
    verified.add(name);
  };
}

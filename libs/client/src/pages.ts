import {
  type Message,
  type RawConversationPage,
  type RawMessagePage,
  type RawStart,
  type StrategyName,
} from './types.js';
import { faultOf } from './verify.js';

/** A message that its receipts do not prove. */
export interface UnverifiedMessage {
  readonly message: Message;
  readonly reason: string;
}

/** `items` has the messages that are proven. */
export type MessagePage = RawMessagePage & { readonly unverified: readonly UnverifiedMessage[] };
/** `items` has the conversations whose last message is proven. */
export type ConversationPage = RawConversationPage & { readonly unverified: readonly UnverifiedMessage[] };

/** What a client needs at its start. `changes` is where its changes go on: `client.changes({ since: start.changes })`. */
export type Start = Omit<RawStart, 'conversations'> & {
  readonly conversations: Readonly<Record<StrategyName, ConversationPage>>;
};

export function checkedStart(start: RawStart, verifies: boolean): Start {
  const { conversations } = start;
  return {
    ...start,
    conversations: {
      'source-chain': checkedConversations(conversations['source-chain'], verifies),
      'pairwise-dht': checkedConversations(conversations['pairwise-dht'], verifies),
      'global-dht': checkedConversations(conversations['global-dht'], verifies),
    },
  };
}

export function checkedMessages(page: RawMessagePage, verifies: boolean): MessagePage {
  const { proven, unverified } = sorted(page.items, (message) => message, verifies);
  return { ...page, items: proven, unverified };
}

export function checkedConversations(page: RawConversationPage, verifies: boolean): ConversationPage {
  const { proven, unverified } = sorted(page.items, ({ last }) => last, verifies);
  return { ...page, items: proven, unverified };
}

/** Where a page begins: with what is older than the cursor. */
interface PageStart {
  readonly before?: string;
}

/** The items of one page after another, until there is none older. */
export async function* itemsOf<Item>(
  read: (from: PageStart) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
  { before }: PageStart,
): AsyncGenerator<Item, void, undefined> {
  let from: PageStart | null = before === undefined ? {} : { before };
  while (from !== null) {
    const { items, next }: Awaited<ReturnType<typeof read>> = await read(from);
    yield* items;
    from = next === null ? null : { before: next };
  }
}

function sorted<Item>(
  items: Item[],
  messageIn: (item: Item) => Message,
  verifies: boolean,
): { readonly proven: Item[]; readonly unverified: readonly UnverifiedMessage[] } {
  if (!verifies) return { proven: items, unverified: [] };
  const checked = items.map((item) => ({ item, message: messageIn(item), reason: faultOf(messageIn(item)) }));
  return {
    proven: checked.flatMap(({ item, reason }) => (reason === null ? [item] : [])),
    unverified: checked.flatMap(({ message, reason }) => (reason === null ? [] : [{ message, reason }])),
  };
}

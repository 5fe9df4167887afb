import { type Message, type RawConversationPage, type RawMessagePage } from './types.js';
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

export function checkedMessages(page: RawMessagePage, verifies: boolean): MessagePage {
  const { proven, unverified } = sorted(page.items, (message) => message, verifies);
  return { ...page, items: proven, unverified };
}

export function checkedConversations(page: RawConversationPage, verifies: boolean): ConversationPage {
  const { proven, unverified } = sorted(page.items, ({ last }) => last, verifies);
  return { ...page, items: proven, unverified };
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

import { type AgentPubKey, type MessagingStrategy } from '@musubi/messaging';

interface ConversationEnds {
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
}

/** An agent that was written to may answer. @throws AgentOfflineError */
export async function hasConversation(
  { messages }: MessagingStrategy,
  { author, recipient }: ConversationEnds,
): Promise<boolean> {
  const query = { with: recipient, anchor: { at: 'latest' }, limit: 1 } as const;
  const { items, unreadable = 0 } = await messages.list(author, query);
  return items.length + unreadable > 0;
}

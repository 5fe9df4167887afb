import { type AgentPubKey, type Cursor, type Strategies } from '@musubi/messaging';
import { type ContactStore } from '../contacts/contact.store.js';

/** Agents whose cards go with one that moves; of more, those it has last written with. */
const MOST = 1000;
const PAGE = 200;

/** Whom an agent can write to on other nodes, or is written to by. */
export async function peersOf(
  agent: AgentPubKey,
  { contacts, strategies }: { readonly contacts: ContactStore; readonly strategies: Strategies },
): Promise<readonly AgentPubKey[]> {
  const peers = new Set<AgentPubKey>();
  for (const name of ['source-chain', 'pairwise-dht'] as const) {
    const { messages } = strategies[name];
    await eachPage(async (before) => {
      const query = before === null ? { limit: PAGE } : { limit: PAGE, before };
      const { items, next } = await messages.conversations(agent, query);
      for (const { peer } of items) peers.add(peer);
      return peers.size < MOST ? next : null;
    });
  }
  await eachPage(async (after) => {
    const query = after === null ? { limit: PAGE } : { limit: PAGE, after };
    const { items, next } = await contacts.list(agent, query);
    for (const peer of items) peers.add(peer);
    return peers.size < MOST ? next : null;
  });
  return [...peers].slice(0, MOST);
}

async function eachPage(read: (cursor: Cursor | null) => Promise<Cursor | null>): Promise<void> {
  let cursor: Cursor | null = null;
  do cursor = await read(cursor);
  while (cursor !== null);
}

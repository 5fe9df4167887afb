import { type StrangersView } from '@musubi/audit';
import { type AgentPubKey } from '@musubi/messaging';
import { Crawler, examine } from '@musubi/observers';
import { type LabNode } from '../node/lab-node.js';

/** Asks every authority of every open space for all it holds. */
export async function crawl({ db, agents }: LabNode): Promise<StrangersView> {
  const crawler = new Crawler(db);
  const { content, evidence } = await examine(crawler, { agents });
  const named = evidence.witnesses.filter(({ kind }) => kind === 'named-together');
  return {
    bodyBytes: content.bodyBytes,
    namingBoth: named.reduce((all, { times }) => all + times, 0),
    sharedHashes: await sharedHashesIn(crawler, agents),
  };
}

const HASH_BYTES = 32;

/**
 * Pseudonyms count as authors too: the two copies of a message need not tell whose they are to be found out. What all
 * chains have, such as the hash of the DNA, says nothing, so only hashes of exactly two authors do.
 */
async function sharedHashesIn(crawler: Crawler, agents: readonly AgentPubKey[]): Promise<number> {
  const authors = new Map<string, Set<string>>();
  for await (const { table, values } of crawler.rows()) {
    if (table !== 'action') continue;
    const author = spelt(values['author']);
    for (const value of Object.values(values)) {
      if (!(value instanceof Uint8Array) || value.length !== HASH_BYTES) continue;
      const known = authors.get(spelt(value)) ?? new Set();
      authors.set(spelt(value), known.add(author));
    }
  }
  for (const agent of agents) authors.delete(agent);
  return [...authors.values()].filter(({ size }) => size === 2).length;
}

function spelt(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : String(value);
}

import { type AgentPubKey } from '@musubi/messaging';
import { Crawler, examine } from '@musubi/observers';
import { type LabNode } from '../node/lab-node.js';

/** What strangers find that a placement may have promised not to give them. */
export interface Crawl {
  /** Of values that are longer than any hash, key or signature: bodies, sealed or not. */
  readonly bodyBytes: number;
  /** Rows that name two agents. */
  readonly namedTogether: number;
  /** Hashes, agents' keys aside, that stand in the actions of any two authors. */
  readonly sharedHashes: number;
}

/** Asks every authority of every open space for all it holds. */
export async function crawl({ db, agents }: LabNode): Promise<Crawl> {
  const crawler = new Crawler(db);
  const { content, evidence } = await examine(crawler, { agents });
  const named = evidence.witnesses.filter(({ kind }) => kind === 'named-together');
  return {
    bodyBytes: content.bodyBytes,
    namedTogether: named.reduce((all, { times }) => all + times, 0),
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

import { type ChainAuthor, type Dna, SourceChains, cellDatabase, spaceIdOf } from '@musubi/cell';
import { AgentKeys, randomBytes } from '@musubi/crypto';
import { openTestDatabase } from '@musubi/database/testing';
import { parseTimestamp } from '@musubi/messaging';
import { p50, p95, p99 } from '../figures.js';
import { type Rate } from './report.js';
import { POOL_SIZE } from './served.js';

const DNA: Dna = { name: 'bench', version: 1 };
/** As long as a sealed message of one sentence. */
const ENTRY_BYTES = 400;

/**
 * How fast one chain grows when many write to it at once, each an action with an entry: through `libs/cell`, without
 * HTTP, in this process.
 * @throws Error when the chain is not one line with every action on it
 */
export async function measureHotChain(writers: number, seconds: number): Promise<Rate> {
  const database = await openTestDatabase(cellDatabase, { poolSize: POOL_SIZE });
  try {
    const author = newAuthor();
    const chains = new SourceChains(database.dataSource, { ordering: 'relaxed' });
    const at = parseTimestamp(Date.now() * 1000);
    await chains.start(author, { at, membraneProof: null });
    const genesis = (await chains.head(author.space, author.agent))?.seq ?? 0;
    const latenciesMs: number[] = [];
    const start = performance.now();
    const write = async (): Promise<void> => {
      while (performance.now() - start < seconds * 1000) {
        const begun = performance.now();
        await chains.append(author, { drafts: [newDraft()], at, rows: () => [] });
        latenciesMs.push(performance.now() - begun);
      }
    };
    await Promise.all(Array.from({ length: writers }, write));
    const perSecond = (latenciesMs.length / (performance.now() - start)) * 1000;
    const head = await chains.head(author.space, author.agent);
    if (head?.seq !== genesis + latenciesMs.length) throw new Error('the hot chain lost an action');
    const quantiles = { p50Ms: p50(latenciesMs), p95Ms: p95(latenciesMs), p99Ms: p99(latenciesMs) };
    return { concurrency: writers, acts: latenciesMs.length, perSecond, ...quantiles };
  } finally {
    await database.close();
  }
}

function newAuthor(): ChainAuthor {
  const keys = AgentKeys.fromSeed(randomBytes(32));
  const space = spaceIdOf(DNA, new Uint8Array(32));
  return { dna: DNA, space, agent: keys.agent, sign: (bytes) => keys.sign(bytes) };
}

function newDraft() {
  const content = randomBytes(ENTRY_BYTES);
  const entry = { type: 'note', visibility: 'private', content, stored: content } as const;
  return { type: 'create', entry } as const;
}

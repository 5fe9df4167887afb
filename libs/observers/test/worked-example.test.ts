import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type HeldRow, type Observer, Operator, PairTable, type Tally, examine } from '@musubi/observers';
import { type Letter, areaOf, areaOfPermuted, keptRows, truthOf } from './support/conversations.js';
import { Planter } from './support/planter.js';

/** The example of docs/adding-an-observer.md. The party: somebody who was given a backup of one table. */
class OneTable implements Observer {
  readonly name = 'one-table';

  constructor(
    private readonly inner: Observer,
    private readonly table: string,
  ) {}

  async *rows(): AsyncGenerator<HeldRow> {
    for await (const row of this.inner.rows()) if (row.table === this.table) yield row;
  }
}

/** The attack: an agent with one peer has as many rows as that peer. */
function equalTotals(volumes: Tally): PairTable {
  const scores = new PairTable(volumes.values.length);
  volumes.values.forEach((ofA, a) => {
    volumes.values.forEach((ofB, b) => {
      if (a !== b) scores.add(a, b, 1 / (1 + Math.abs(ofA - ofB)));
    });
  });
  return scores;
}

const AGENTS = 12;
/** Agents 0 and 1 wrote one letter, 2 and 3 two, and so on. */
const LETTERS = Array.from({ length: AGENTS / 2 }, (_, pair) =>
  Array.from({ length: pair + 1 }, (): Letter => ({ from: 2 * pair, to: 2 * pair + 1, at: pair })),
).flat();

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(AGENTS);
  await planter.db.query('create table drawer (holder bytea, sealed bytea)');
});

afterEach(() => planter.close());

async function scoresOf(owners: readonly number[]): Promise<PairTable> {
  for (const owner of owners)
    await planter.insert('drawer', { holder: planter.key(owner), sealed: planter.bytes(900) });
  const party = new OneTable(new Operator(planter.db), 'drawer');
  return equalTotals((await examine(party, { agents: planter.agents })).volumes);
}

describe('the example of how to add an observer', () => {
  it('finds a planted leak', async () => {
    const scores = await scoresOf(keptRows(LETTERS).map(({ owner }) => owner));
    expect(areaOf(scores, truthOf(AGENTS, LETTERS))).toBe(1);
  });

  it('finds nothing where each agent has as many rows as any other', async () => {
    const scores = await scoresOf(planter.agents.flatMap((_, agent) => [agent, agent, agent]));
    expect(areaOf(scores, truthOf(AGENTS, LETTERS))).toBe(0.5);
  });

  it('finds nothing of agents under other names', async () => {
    const scores = await scoresOf(keptRows(LETTERS).map(({ owner }) => owner));
    expect(Math.abs(areaOfPermuted(LETTERS, scores, 1) - 0.5)).toBeLessThan(0.06);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Guarantees } from '@musubi/messaging';
import { SeededRandom } from '@musubi/observers';
import { declaredFigures } from '../src/figures/declared-probe.js';
import { contradictionsIn, holdAgainst } from '../src/figures/declared.js';
import {
  GENERATORS,
  type LabServer,
  type Report,
  VARIANTS,
  type Variant,
  compare,
  hashOf,
  startLabServer,
} from '../src/index.js';
import { verdictOf } from '../src/text/verdict.js';

const FIELDS = [
  'concurrentReceive',
  'concurrentSave',
  'offlineDelivery',
  'unboundedPeers',
  'bodyStaysWithPair',
  'hidesPeers',
  'unlinkableCopies',
] as const satisfies readonly (keyof Guarantees)[];

let server: LabServer;
beforeAll(async () => {
  server = await startLabServer();
});
afterAll(() => server.close());

/** As `npm run compare -- --parts declared` does. */
function tested(variants: readonly Variant[]): Promise<Report> {
  const workload = GENERATORS.pair({ agents: 2, messages: 2 }, new SeededRandom(1));
  const parameters = {
    seed: 1,
    workload: workload.name,
    agents: 2,
    messages: 2,
    concurrency: [1],
    redundancy: 5,
    variants: variants.map(({ name }) => name),
    faults: [],
    parts: ['declared'],
    workloadHash: hashOf(workload),
  };
  const asked = { variants, workload, parameters, parts: ['declared'] as const, faults: [], loadMessages: 0 };
  return compare(server, asked, { onProgress: () => undefined, signal: new AbortController().signal });
}

function lies(guarantees: Guarantees, fields: readonly (keyof Guarantees)[]): Guarantees {
  return fields.reduce((told, field) => ({ ...told, [field]: !told[field] }), guarantees);
}

/** The same placement, which declares the opposite of what it does. */
function liar(honest: Variant): Variant {
  return {
    ...honest,
    open: (node, limits) => {
      const placement = honest.open(node, limits);
      const value = lies(placement.strategy.guarantees, FIELDS);
      Object.defineProperty(placement.strategy, 'guarantees', { value });
      return placement;
    },
  };
}

function variantOf(name: string): Variant {
  const variant = VARIANTS.find((one) => one.name === name);
  if (variant === undefined) throw new Error(`there is no variant ${name}`);
  return variant;
}

describe('what placements declare', () => {
  it('is borne out by what is counted, for every variant and every field', async () => {
    const report = await tested(VARIANTS);

    expect(verdictOf(report)).toEqual([]);
    expect(report.placements.map(({ declared }) => declared?.map(({ guarantee }) => guarantee))).toEqual(
      VARIANTS.map(() => FIELDS),
    );
  });

  it('is contradicted field by field where it is a lie, with figure and threshold', async () => {
    const lines = verdictOf(await tested([liar(variantOf('global-dht'))]));

    expect(lines).toHaveLength(FIELDS.length);
    for (const [index, field] of FIELDS.entries()) {
      expect(lines[index]).toMatch(
        new RegExp(`^global-dht declares ${field}: (true|false), but \\d+ .+ \\(kept at 0 at most\\)$`),
      );
    }
  });

  describe.each(['source-chain/shared', 'pairwise-dht', 'global-dht/agent-key'])('by %s', (name) => {
    it('is named wherever a single field of it is a lie', async () => {
      const { guarantees, counts } = await declaredFigures({ server, variant: variantOf(name) });

      const named = FIELDS.map((field) => {
        const declared = holdAgainst({ guarantees: lies(guarantees, [field]), counts });
        return declared.filter(({ isBorneOut }) => !isBorneOut).map(({ guarantee }) => guarantee);
      });

      expect(named).toEqual(FIELDS.map((field) => [field]));
    });
  });

  it('counts as not verified where integrity failed', async () => {
    const { placements, ...report } = await tested([variantOf('source-chain')]);
    const [placement] = placements;
    if (placement === undefined) throw new Error('nothing was measured');
    const integrity = { ...placement.integrity, lost: 1, witnesses: ['lost: a message'] };

    const broken = { ...report, placements: [{ ...placement, integrity, declared: null }] };

    expect([contradictionsIn(broken), verdictOf(broken)]).toEqual([
      [],
      ['source-chain: no guarantee was tested, since integrity failed: lost: a message'],
    ]);
  });
});

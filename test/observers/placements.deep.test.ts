import { afterEach, describe, expect, it } from '@jest/globals';
import { agentKeyAddressing, sourceChainExperiment } from '@musubi/experiments';
import { GlobalDhtStrategy } from '@musubi/global-dht';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type TappedCall, TappedRemoteCalls } from '@musubi/network';
import {
  Conversant,
  Crawler,
  type Findings,
  type Observer,
  Operator,
  ShareHolder,
  WholeDisk,
  Wiretap,
  auc,
  examine,
  letterOpener,
  pairOpener,
  placesOf,
  rankPairs,
  retimed,
  soonAfterScores,
  storeOpener,
  volumePrior,
  volumesOf,
} from '@musubi/observers';
import { PairwiseDhtStrategy } from '@musubi/pairwise-dht';
import { SourceChainStrategy } from '@musubi/source-chain';
import { CANARIES, Community, canaryOf } from './community.js';

let community: Community;

afterEach(() => community.close());

function foundBy(observer: Observer): Promise<Findings> {
  return examine(observer, { agents: community.agents, canaries: CANARIES });
}

/** By what tells of pairs, without timing. */
function areaOf({ evidence }: Findings): number {
  return auc(rankPairs(evidence.pairs, community.truth));
}

function onDatabase(): Community['node']['database']['dataSource'] {
  return community.node.database.dataSource;
}

const crawled = (): Promise<Findings> => foundBy(new Crawler(onDatabase()));
const operated = (): Promise<Findings> => foundBy(new Operator(onDatabase()));

describe.each(STRATEGY_NAMES)('what is stored by %s', (strategy) => {
  it('shows no text to a crawler, to a stranger with its share, or to an operator without keys', async () => {
    community = await Community.open();
    await community.write(strategy);
    const share = { agent: community.agent(6), agents: community.agents };
    const parties = [
      new Crawler(onDatabase()),
      new ShareHolder(onDatabase(), share),
      new Operator(onDatabase()),
    ];

    for (const party of parties) {
      const { content, rows } = await foundBy(party);
      expect([party.name, content.canaries]).toEqual([party.name, []]);
      expect(rows).toBeGreaterThan(0);
    }
  });

  it('shows one of the two what they wrote, and nothing else', async () => {
    community = await Community.open();
    await community.write(strategy);
    const agent = community.agent(0);
    const keys = community.node.keyring.keysOf(agent);
    const peers = community.agents.filter((peer) => peer !== agent);
    const openers = [
      storeOpener(keys, ['musubi/private-entry']),
      pairOpener(keys, peers, 'musubi/clone/entry-key'),
      letterOpener(keys),
    ];
    const { content } = await foundBy(new Conversant(onDatabase(), { agent, openers }));

    expect(content.canaries.map(({ text }) => text).sort()).toEqual([canaryOf(0, 1), canaryOf(1, 0)]);
  });
});

describe('who writes to whom, without regard to time', () => {
  it('is told to nobody by source-chain with salted envelopes', async () => {
    community = await Community.open();
    await community.write('source-chain');

    expect([areaOf(await crawled()), areaOf(await operated())]).toEqual([0.5, 0.5]);
  });

  it('is told to every crawler by source-chain with shared envelopes: by equal entry hashes', async () => {
    community = await Community.open((node) => ({
      'source-chain': sourceChainExperiment(node, { envelope: 'shared' }).strategy,
    }));
    await community.write('source-chain');
    const findings = await crawled();

    expect(areaOf(findings)).toBe(1);
    expect(findings.evidence.witnesses.map(({ kind, fields }) => [kind, fields])).toEqual([
      ['shared-value', 'action.entry_hash'],
    ]);
  });

  it('is told to the operator alone by pairwise-dht: by who shares a clone', async () => {
    community = await Community.open();
    await community.write('pairwise-dht');
    const findings = await operated();

    expect([areaOf(await crawled()), areaOf(findings)]).toEqual([0.5, 1]);
    expect(findings.evidence.witnesses.map(({ fields }) => fields)).toContain('action.author + action.proof');
  });

  it('is told to nobody by global-dht with derived mailboxes', async () => {
    community = await Community.open();
    await community.write('global-dht');

    expect([areaOf(await crawled()), areaOf(await operated())]).toEqual([0.5, 0.5]);
  });

  it('is told to every crawler by global-dht with agents’ keys in links', async () => {
    community = await Community.open((node) => ({
      'global-dht': new GlobalDhtStrategy(node, { addressing: agentKeyAddressing, pollMs: 600_000 }),
    }));
    await community.write('global-dht');
    const findings = await crawled();

    expect(areaOf(findings)).toBe(1);
    expect(findings.evidence.witnesses.map(({ fields }) => fields)).toContain(
      'dht_link.base + dht_link.author + dht_link.tag',
    );
  });
});

describe('a wire between cells', () => {
  it.each([
    ['source-chain', 1],
    ['pairwise-dht', 1],
    ['global-dht', 0.5],
  ] as const)('with %s gives who calls whom an AUC of %d', async (strategy, area) => {
    const heard: TappedCall[] = [];
    community = await Community.open((node) => {
      const tapped = {
        ...node,
        calls: new TappedRemoteCalls(node.calls, node.clock, (call) => heard.push(call)),
      };
      return {
        'source-chain': new SourceChainStrategy(tapped),
        'pairwise-dht': new PairwiseDhtStrategy(tapped, { cloneLimit: 10 }),
        'global-dht': new GlobalDhtStrategy(tapped, { pollMs: 600_000 }),
      };
    });
    await community.write(strategy);
    const findings = await foundBy(new Wiretap(heard));

    expect(areaOf(findings)).toBe(area);
    expect(findings.rows > 0).toBe(area === 1);
  });
});

describe('who has the disk, where messages are sent one after another', () => {
  it.each(STRATEGY_NAMES)('sees on %s who writes within three transactions of whom', async (strategy) => {
    community = await Community.open();
    const { pending } = await transactionNow();
    await community.write(strategy);
    const disk = await examine(new WholeDisk(onDatabase()), {
      agents: community.agents,
      since: Number(pending),
    });
    // The server counts the transactions of other databases too.
    const inOrder = retimed(disk.activity, placesOf(disk.activity));
    const timing = soonAfterScores(inOrder, { window: 3 });
    const prior = volumePrior(volumesOf(disk.activity));
    const [seen, guessed] = [timing, prior].map((scores) => auc(rankPairs(scores, community.truth)));

    expect(seen).toBeGreaterThan(0.9);
    expect(guessed).toBeLessThan(0.8);
  });
});

async function transactionNow(): Promise<{ readonly pending: string }> {
  const [row] = await onDatabase().query<{ pending: string }[]>(
    'select pg_current_xact_id()::text as pending',
  );
  if (row === undefined) throw new Error('the server numbers transactions');
  return row;
}

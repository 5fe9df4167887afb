import { afterEach, describe, expect, it } from '@jest/globals';
import { GlobalDhtStrategy } from '@musubi/global-dht';
import { STRATEGY_NAMES } from '@musubi/messaging';
import {
  Conversant,
  Crawler,
  type Findings,
  type Observer,
  Operator,
  ShareHolder,
  auc,
  examine,
  letterOpener,
  pairOpener,
  rankPairs,
  storeOpener,
} from '@musubi/observers';
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
      'source-chain': new SourceChainStrategy(node, { envelope: 'shared' }),
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
      'global-dht': new GlobalDhtStrategy(node, { links: 'agent-key', pollMs: 600_000 }),
    }));
    await community.write('global-dht');
    const findings = await crawled();

    expect(areaOf(findings)).toBe(1);
    expect(findings.evidence.witnesses.map(({ fields }) => fields)).toContain(
      'dht_link.base + dht_link.author + dht_link.tag',
    );
  });
});

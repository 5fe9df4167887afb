import { describe, expect, it } from '@jest/globals';
import { InMemoryAgentRecordStore, InMemoryPeerStore, Moves } from '@musubi/membership';
import { type RemoteCallOutcome } from '@musubi/network';
import { agentNumber, agentRecord, nodeNumber, nodeRecord } from './support/people.js';
import { ROOMY } from './support/stores.js';

const [oldHome, newHome] = [nodeNumber(1), nodeNumber(2)];
const place = { node: oldHome.key, addresses: [] };
const statement = { agent: agentRecord(agentNumber(1), newHome), node: nodeRecord(newHome) };

/** @param outcome of the question; none when the old home cannot be reached */
function movesTo(outcome?: RemoteCallOutcome): Moves {
  const links = {
    reach: () => Promise.resolve(outcome !== undefined),
    ask: () => Promise.resolve(outcome ?? { kind: 'not-sent' as const, detail: 'there is no link' }),
  };
  const stores = { agents: new InMemoryAgentRecordStore(ROOMY), peers: new InMemoryPeerStore(ROOMY) };
  return new Moves({ links, stores, onAgent: () => undefined });
}

describe('what the new home makes of the answer of the old one', () => {
  it.each<readonly [string, RemoteCallOutcome | undefined]>([
    ['taken', { kind: 'ok', reply: new Uint8Array() }],
    ['refused', { kind: 'refused', code: 'agent-moved', retryable: false }],
    // It may answer otherwise when it has time: nothing is outdated yet, and it is not gone either.
    ['unanswered', { kind: 'refused', code: 'busy', retryable: true }],
    ['unanswered', { kind: 'unknown', detail: 'the link broke' }],
    ['unreachable', undefined],
  ])('is %s', async (answer, outcome) => {
    expect(await movesTo(outcome).announceTo(place, statement)).toBe(answer);
  });
});

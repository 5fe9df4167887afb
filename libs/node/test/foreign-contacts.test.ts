import { beforeEach, describe, expect, it } from '@jest/globals';
import { AgentKeys, hash } from '@musubi/crypto';
import { AgentOfflineError, type AgentPubKey, parseTimestamp } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { type NodeKey, NodeIdentity } from '@musubi/network/nodes';
import { ForeignContacts } from '@musubi/node/links';

const DAY_US = 86_400_000_000;
const OK: RemoteCallOutcome = { kind: 'ok', reply: new Uint8Array() };
const REFUSED = { kind: 'refused', code: 'too-many-contacts', retryable: true };
const OPENING = ['source-chain/receive_message', 'pairwise-dht/join_clone'];

const seed = (name: string): Uint8Array => hash('test', new TextEncoder().encode(name));
const agent = (name: string): AgentPubKey => AgentKeys.fromSeed(seed(name)).agent;
const node = (name: string): NodeKey => NodeIdentity.fromSeed(seed(name)).key;

let now: number;
let conversing: Set<string>;
let asked: number;
let contacts: ForeignContacts;

beforeEach(() => {
  now = 20_000 * DAY_US;
  conversing = new Set();
  asked = 0;
  contacts = new ForeignContacts({
    clock: { now: () => parseTimestamp(now) },
    limits: { perAgent: 2, perNode: 5 },
    hasConversation: (_, { holder, peer }) => {
      asked += 1;
      if (holder === agent('unread')) return Promise.reject(new Error('the database is away'));
      if (holder === agent('locked')) return Promise.reject(new AgentOfflineError('locked'));
      return Promise.resolve(conversing.has(`${holder} ${peer}`));
    },
  });
});

interface Calling {
  readonly from: string;
  readonly to?: string;
  readonly at?: string;
  readonly fn?: string;
  readonly outcome?: RemoteCallOutcome;
}

function call({
  from,
  to = 'bob',
  at = 'home',
  fn = OPENING[0],
  outcome = OK,
}: Calling): Promise<RemoteCallOutcome> {
  const made = { from: agent(from), to: agent(to), fn: fn ?? '', payload: new Uint8Array() };
  return contacts.admit(made, node(at), () => Promise.resolve(outcome));
}

async function inTurn(calls: readonly Calling[]): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (const calling of calls) kinds.push((await call(calling)).kind);
  return kinds;
}

describe.each(OPENING)('first contacts by %s', (fn) => {
  it('are bounded for one node with one agent', async () => {
    expect(
      await inTurn([
        { from: 'a', fn },
        { from: 'b', fn },
      ]),
    ).toEqual(['ok', 'ok']);
    expect(await call({ from: 'c', fn })).toEqual(REFUSED);
    expect(
      await inTurn([
        { from: 'c', fn, to: 'carol' },
        { from: 'c', fn, at: 'elsewhere' },
      ]),
    ).toEqual(['ok', 'ok']);
  });

  it('begin anew with the next day', async () => {
    await inTurn([
      { from: 'a', fn },
      { from: 'b', fn },
    ]);
    expect(await call({ from: 'c', fn })).toEqual(REFUSED);
    now += DAY_US;
    expect(await call({ from: 'c', fn })).toEqual(OK);
  });
});

it('bounds one agent with all agents here, from whatever node it calls', async () => {
  expect(
    await inTurn([
      { from: 'a', to: 'b1', at: 'n1' },
      { from: 'a', to: 'b2', at: 'n2' },
    ]),
  ).toEqual(['ok', 'ok']);
  expect(await call({ from: 'a', to: 'b3', at: 'n3' })).toEqual(REFUSED);
});

it('bounds one node with all agents here', async () => {
  const calls = Array.from({ length: 5 }, (_, index) => ({ from: `a${index}`, to: `b${index}` }));
  expect(await inTurn(calls)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  expect(await call({ from: 'a9', to: 'b9' })).toEqual(REFUSED);
  expect(await call({ from: 'a9', to: 'b9', at: 'elsewhere' })).toEqual(OK);
});

it('bounds all nodes with one agent', async () => {
  const calls = Array.from({ length: 8 }, (_, index) => ({ from: `a${index}`, at: `n${index}` }));
  expect(new Set(await inTurn(calls))).toEqual(new Set(['ok']));
  expect(await call({ from: 'a9', at: 'n9' })).toEqual(REFUSED);
  expect(await call({ from: 'a9', at: 'n9', to: 'carol' })).toEqual(OK);
});

it('counts neither pairs that have conversed, nor further calls of a pair, and asks once', async () => {
  await inTurn([{ from: 'a' }, { from: 'b' }]);
  conversing.add(`${agent('bob')} ${agent('friend')}`);
  expect(await inTurn([{ from: 'friend' }, { from: 'friend' }, { from: 'a' }])).toEqual(['ok', 'ok', 'ok']);
  expect(asked).toBe(3);
  expect(await call({ from: 'c', fn: 'source-chain/receive_receipt' })).toEqual(OK);
});

it('counts calls of one pair that come at once as one', async () => {
  const outcomes = await Promise.all(Array.from({ length: 9 }, () => call({ from: 'a' })));
  expect(outcomes).toEqual(Array(9).fill(OK));
  expect(await inTurn([{ from: 'b' }, { from: 'c' }])).toEqual(['ok', 'refused']);
});

it('does not count what was refused or not sent, and counts what is unknown', async () => {
  const no: RemoteCallOutcome = { kind: 'refused', code: 'clone-limit-reached', retryable: true };
  const absent: RemoteCallOutcome = { kind: 'not-sent', detail: 'offline' };
  const cut: RemoteCallOutcome = { kind: 'unknown', detail: 'cut' };
  await inTurn([
    { from: 'a', outcome: no },
    { from: 'b', outcome: absent },
    { from: 'c', outcome: cut },
  ]);
  expect(await inTurn([{ from: 'd' }, { from: 'e' }])).toEqual(['ok', 'refused']);
});

it('gives back to the day that it took from, also after midnight', async () => {
  let answer: (outcome: RemoteCallOutcome) => void = () => undefined;
  const late = new Promise<RemoteCallOutcome>((resolve) => {
    answer = resolve;
  });
  const made = { from: agent('late'), to: agent('bob'), fn: OPENING[0] ?? '', payload: new Uint8Array() };
  const admitted = contacts.admit(made, node('home'), () => late);
  await inTurn([{ from: 'a' }]);
  now += DAY_US;
  expect(await inTurn([{ from: 'b' }])).toEqual(['ok']);

  answer({ kind: 'not-sent', detail: 'offline' });
  await admitted;

  expect(await inTurn([{ from: 'c' }, { from: 'd' }])).toEqual(['ok', 'refused']);
});

it('passes on calls to agents that are locked, and counts nothing', async () => {
  const calls = Array.from({ length: 4 }, (_, index) => ({ from: `a${index}`, to: 'locked' }));
  expect(await inTurn(calls)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

it('answers no call, and counts none, when it cannot look up whether they have conversed', async () => {
  let answered = 0;
  const made = { from: agent('a'), to: agent('unread'), fn: OPENING[0] ?? '', payload: new Uint8Array() };
  const answer = (): Promise<RemoteCallOutcome> => {
    answered += 1;
    return Promise.resolve(OK);
  };
  for (let time = 0; time < 4; time += 1)
    expect(await contacts.admit(made, node('home'), answer)).toMatchObject({
      kind: 'refused',
      retryable: true,
    });
  expect(answered).toBe(0);
  expect(await inTurn([{ from: 'a' }, { from: 'b' }])).toEqual(['ok', 'ok']);
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { untilEqual } from '../../../test/support/until.js';
import { sizes, tracesOf, untilCleared } from './support/agent-traces.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { FileClient, problemOf } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';
import { PASSPHRASE, signIn, statusOf, streamOf } from './support/session-client.js';

const WRONG = 'another horse staple';

/** Where a deleted agent's key may still stand, and why. */
const WHAT_STAYS = {
  'agent_fence.agent': 'the fence',
  'integrated_record.author': 'what its peers hold of it on pairwise-dht: theirs',
};

/** Rows of letters under names that only the agent's keys could tell, and the marks of the service. */
const PUBLISHED = ['action', 'agent_fence', 'chain_entry', 'chain_head'];
const REASON = 'remote-call-refused/agent-deleted';

const idSchema = z.looseObject({ id: z.string(), strategy: z.string() });

let service: TestService;
let client: Client;
let files: FileClient;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  // Each case tries passphrases and makes agents, all from one address.
  service = await openService({ SIGN_INS_PER_MINUTE: '600', AGENTS_PER_DAY: '1000' });
  client = new Client(service.url);
  files = new FileClient(client);
  bob = await client.newAgent('bob');
});

afterAll(() => service.close());

beforeEach(async () => {
  alice = await client.newAgent('alice', PASSPHRASE);
});

const remove = (agent: string, { token }: Partial<Agent>, body: object = { passphrase: PASSPHRASE }) =>
  client.request(`/v1/agents/${agent}/deletion`, { ...(token === undefined ? {} : { token }), body });

async function removed(agent: Agent): Promise<void> {
  expect((await remove(agent.agent, agent)).status).toBe(204);
}

const put = async (path: string, { token }: Agent, body: object): Promise<void> => {
  const { status } = await client.request(path, { method: 'PUT', token, body });
  if (status !== 200 && status !== 201 && status !== 204) throw new Error(`${path}: ${status}`);
};

const messageOf = (owner: Agent, { id, strategy }: Pick<MessageJson, 'id' | 'strategy'>) =>
  client.get('message', `/v1/strategies/${strategy}/messages/${id}`, { token: owner.token });

const sizeOf = (all: Readonly<Record<string, number>>, table: string): number => all[table] ?? 0;

/** @returns null when it was refused: the recipient was deleted by then */
async function trySend(
  strategy: string,
  { token }: Agent,
  to: string,
): Promise<Pick<MessageJson, 'id' | 'strategy'> | null> {
  const body = { to, payload: { type: 'text', text: 'just now' } };
  const answer = await client.request(`/v1/strategies/${strategy}/messages`, { token, body });
  if (answer.status !== 410) return idSchema.parse(await answer.json());
  expect(await problemOf(answer)).toEqual([410, 'agent-deleted', 'to']);
  return null;
}

/** Steps that are still tried. */
async function waiting(): Promise<number> {
  const sql = 'select count(*)::int as steps from outbox where not is_failed';
  const [row]: { steps: number }[] = await service.database.dataSource.query(sql);
  return row?.steps ?? -1;
}

/** Every kind of row that an agent can have on one node. */
async function live(agent: Agent, peer: Agent): Promise<void> {
  for (const strategy of STRATEGY_NAMES) {
    const file = await files.upload(agent, randomBytes(1000));
    await files.deliver({ strategy, from: agent, to: peer }, { type: 'file', file });
    const headers = { 'idempotency-key': `key-of-${strategy}` };
    const pinned = await client.deliver(strategy, agent, peer, { headers });
    await put(`/v1/strategies/${strategy}/messages/${pinned.id}/pin`, agent, {});
    await client.deliver(strategy, peer, agent);
    const { id } = await client.deliver(strategy, peer, agent);
    const read = await client.request(`/v1/strategies/${strategy}/receipts`, {
      token: agent.token,
      body: { status: 'read', messages: [id] },
    });
    expect(read.status).toBe(201);
    await files.remove(strategy, agent, id);
  }
  await files.upload(agent, randomBytes(1000));
  await put('/v1/settings', agent, { whoMayWrite: 'contacts', readReceipts: false });
  await put(`/v1/blocks/${(await client.newAgent('mallory')).agent}`, agent, {});
  expect((await client.request('/v1/changes', { token: agent.token })).status).toBe(200);
}

describe('a deletion', () => {
  it('leaves no row of the agent but its fence, and what others hold', async () => {
    await live(alice, bob);
    await untilEqual(0, waiting);
    const before = await tracesOf(service.database, alice.agent);

    await removed(alice);
    await untilCleared(service.database);

    const after = await tracesOf(service.database, alice.agent);
    expect(after).toEqual(Object.keys(WHAT_STAYS));
    // The walk sees what there is.
    expect(before).toEqual(
      expect.arrayContaining(['agent_key.agent', 'history.holder', 'file_chunk.holder', 'action.author']),
    );
  });

  it('leaves as many rows in each table as before the agent came, but for its fence and what it published', async () => {
    await untilEqual(0, waiting);
    const before = await sizes(service.database);
    const carol = await client.newAgent('carol', PASSPHRASE);
    for (const strategy of STRATEGY_NAMES) {
      const file = await files.upload(carol, randomBytes(300_000));
      const answer = await files.send({ strategy, from: carol, to: carol }, { type: 'file', file });
      expect(answer.status).toBe(201);
    }
    await untilEqual(0, waiting);

    await removed(carol);
    await untilCleared(service.database);

    const after = await sizes(service.database);
    const grown = Object.keys(after).filter((table) => sizeOf(after, table) !== sizeOf(before, table));
    expect(grown.filter((table) => !table.startsWith('dht_'))).toEqual(PUBLISHED);
    expect(sizeOf(after, 'agent_fence')).toBe(sizeOf(before, 'agent_fence') + 1);
  });

  it('ends sessions and streams, and the key can never be used again', async () => {
    const other = await signIn(client, alice);
    const stream = await streamOf(client, other);

    await removed(alice);

    await stream.text;
    expect([await statusOf(client, alice), await statusOf(client, other)]).toEqual([401, 401]);
    const again = await client.request('/v1/sessions', {
      body: { agent: alice.agent, passphrase: PASSPHRASE },
    });
    expect(await problemOf(again)).toEqual([401, 'unauthenticated', undefined]);
    expect((await client.request(`/v1/agents/${alice.agent}`, { token: bob.token })).status).toBe(404);
  });

  it('can be repeated by one who did not hear the answer, and needs no token then', async () => {
    await removed(alice);

    expect((await remove(alice.agent, alice)).status).toBe(204);
    expect((await remove(alice.agent, {}, {})).status).toBe(204);
  });

  it('of two at once is made once, and both hear that it is', async () => {
    const answers = await Promise.all([remove(alice.agent, alice), remove(alice.agent, alice)]);

    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
  });

  it.each([
    ['a wrong passphrase', () => alice, { passphrase: WRONG }, [401, 'unauthenticated', undefined]],
    ['no passphrase', () => alice, {}, [401, 'unauthenticated', undefined]],
    ['another agent’s session', () => bob, { passphrase: PASSPHRASE }, [403, 'forbidden', undefined]],
    ['no session', () => ({}), { passphrase: PASSPHRASE }, [401, 'unauthenticated', undefined]],
    ['a member too many', () => alice, { passphrase: PASSPHRASE, all: true }, [422, 'invalid', '']],
  ])('is refused with %s, and changes nothing', async (_, by, body, problem) => {
    const rows = await service.rows();

    expect(await problemOf(await remove(alice.agent, by(), body))).toEqual(problem);

    expect([await service.rows(), await statusOf(client, alice)]).toEqual([rows, 200]);
  });

  it('of an unattended agent needs no passphrase', async () => {
    const robot = await client.newAgent('robot');

    expect((await remove(robot.agent, robot, {})).status).toBe(204);

    expect(await statusOf(client, robot)).toBe(401);
    await untilCleared(service.database);
    expect(await tracesOf(service.database, robot.agent)).toEqual(['agent_fence.agent']);
  });

  it('lets others take the name', async () => {
    await removed(alice);

    expect((await client.newAgent('alice', PASSPHRASE)).agent).not.toBe(alice.agent);
  });
});

describe.each(STRATEGY_NAMES)('the peers of a deleted agent on %s', (strategy) => {
  it('keep what was delivered, with its receipts, and their own files', async () => {
    const file = await files.upload(alice, randomBytes(300_000));
    const { id } = await files.deliver({ strategy, from: alice, to: bob }, { type: 'file', file });
    const sent = await client.deliver(strategy, bob, alice);

    await removed(alice);
    await untilCleared(service.database);

    const { receipts, status } = await messageOf(bob, sent);
    expect([status, receipts.map(({ by }) => by)]).toEqual(['delivered', [bob.agent, alice.agent]]);
    expect((await files.find(strategy, bob, id)).payload.file).toEqual(file);
    expect((await files.download(bob, file)).status).toBe(200);
  });

  it('are refused when they write to it, and nothing is written', async () => {
    await client.deliver(strategy, bob, alice);
    await removed(alice);
    await untilCleared(service.database);
    const rows = await service.rows();

    const body = { to: alice.agent, payload: { type: 'text', text: 'hello?' } };
    const answer = await client.request(`/v1/strategies/${strategy}/messages`, { token: bob.token, body });

    expect(await problemOf(answer)).toEqual([410, 'agent-deleted', 'to']);
    expect(await service.rows()).toBe(rows);
  });
});

describe('a message that comes while its recipient is deleted', () => {
  it('is delivered, or fails for good, and leaves no row of it', async () => {
    const sends = STRATEGY_NAMES.flatMap((strategy) =>
      Array.from({ length: 8 }, () => trySend(strategy, bob, alice.agent)),
    );
    const [answer, ...sent] = await Promise.all([remove(alice.agent, alice), ...sends]);
    expect(answer.status).toBe(204);
    await untilCleared(service.database);

    await untilEqual(0, waiting);
    for (const message of sent.filter((one) => one !== null)) {
      const { delivery, receipts, status } = await messageOf(bob, message);
      if (status === 'failed') expect(delivery?.lastError).toBe(REASON);
      else if (status === 'delivered') expect(receipts.at(1)?.by).toBe(alice.agent);
      // It was published before, and nobody will look for it.
      else expect([message.strategy, status]).toEqual(['global-dht', 'saved']);
    }
    const traces = await tracesOf(service.database, alice.agent);
    expect(Object.keys(WHAT_STAYS)).toEqual(expect.arrayContaining([...traces]));
  });
});

describe('a batch that fails', () => {
  it('is tried again, and keeps no other agent’s rows', async () => {
    const carol = await client.newAgent('carol', PASSPHRASE);
    for (const agent of [alice, carol]) await client.deliver('source-chain', agent, bob);
    await service.database.dataSource.query(`
      create function fail() returns trigger language plpgsql as $$
      begin
        if old.holder = '\\x${Buffer.from(alice.agent, 'base64url').toString('hex')}' then
          raise exception 'this row does not go';
        end if;
        return old;
      end $$;
      create trigger fails before delete on receipt for each row execute function fail()`);

    await removed(alice);
    await untilEqual(true, () => Promise.resolve(service.log().includes('deletion-interrupted')));
    await removed(carol);
    await untilEqual(true, async () => (await tracesOf(service.database, carol.agent)).length === 1);
    expect(await tracesOf(service.database, alice.agent)).toContain('receipt.holder');
    await service.database.dataSource.query('drop function fail cascade');

    // Each deletion looks for what others have left.
    await removed(await client.newAgent('dave', PASSPHRASE));
    await untilCleared(service.database);
    expect(await tracesOf(service.database, alice.agent)).toEqual(['agent_fence.agent']);
  });
});

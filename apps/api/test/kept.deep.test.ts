import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { until, untilEqual } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const PASSPHRASE = 'correct horse battery staple';
const AT_ONCE = 12;

const problemSchema = z.object({
  type: z.string(),
  status: z.number(),
  retryable: z.boolean(),
  kept: z.union([z.literal(true), z.literal('unknown')]).optional(),
  ids: z.array(z.string()).optional(),
});

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService({ LAB: '1' });
  client = new Client(service.url);
});

afterAll(() => service.close());

async function suffer(commits: readonly object[], seed = 0): Promise<void> {
  const body = { seed, commits };
  const answer = await client.request('/v1/lab/faults', { method: 'PUT', body });
  expect(answer.status).toBe(204);
}

describe.each(STRATEGY_NAMES)('what is kept on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}`;
  let alice: Agent;

  const bodyOf = (to: Agent, text: string): object => ({ to: to.agent, payload: { type: 'text', text } });
  const post = (from: Agent, to: Agent, text: string): Promise<Response> =>
    client.request(`${path}/messages`, { token: from.token, body: bodyOf(to, text) });
  const textsOf = async ({ token }: Agent, query = ''): Promise<readonly string[]> => {
    const { items } = await client.get('messages', `${path}/messages?limit=200${query}`, { token });
    return items.map(({ payload }) => payload.text);
  };
  const signOut = ({ token }: Agent): Promise<Response> =>
    client.request('/v1/sessions/current', { token, method: 'DELETE' });
  const signIn = async ({ agent }: Agent): Promise<Agent> => {
    const body = { agent, passphrase: PASSPHRASE };
    return { agent, ...(await client.get('token', '/v1/sessions', { body })) };
  };

  beforeAll(async () => {
    alice = await client.newAgent('alice');
  });

  it('is answered as saved, however soon its author signs out', async () => {
    const bob = await client.newAgent('bob', PASSPHRASE);
    await client.send(strategy, bob, alice, { text: 'warm' });
    const texts = Array.from({ length: AT_ONCE }, (_, index) => `${strategy} ${index}`);
    const sends = texts.map((text) => post(bob, alice, text));
    await Promise.any(sends);
    await signOut(bob);

    const answers = await Promise.all(sends);
    const back = await signIn(bob);
    const kept = await textsOf(back);
    const refused = texts.filter((_, index) => answers[index]?.status !== 201);

    expect(answers.filter(({ status }) => ![201, 401, 409].includes(status))).toEqual([]);
    expect(refused.filter((text) => kept.includes(text))).toEqual([]);
    expect(texts.filter((text) => !kept.includes(text))).toEqual(refused);
    await untilEqual(kept.length, async () => (await textsOf(alice, `&with=${bob.agent}`)).length);
  });

  it('is answered once when the connection breaks right after the commit', async () => {
    const bob = await client.newAgent('bob');
    await suffer([{ fault: { kind: 'answer-lost' }, step: 'save', agent: bob.agent, times: 1 }]);

    const sent = await client.deliver(strategy, bob, alice, { text: 'once' });

    expect(sent.status).toBe('delivered');
    expect([await textsOf(bob), (await textsOf(alice)).filter((text) => text === 'once').length]).toEqual([
      ['once'],
      1,
    ]);
  });

  it('is named where nobody can tell whether it is kept', async () => {
    const bob = await client.newAgent('bob');
    await suffer([{ fault: { kind: 'answer-lost' }, step: 'save', agent: bob.agent }]);

    const answer = await post(bob, alice, 'unknown');
    await suffer([]);

    const problem = problemSchema.parse(await answer.json());
    expect([problem.type, problem.status, problem.kept]).toEqual([
      'urn:musubi:problem:unavailable',
      503,
      'unknown',
    ]);
    const [id = ''] = problem.ids ?? [];
    const { payload } = await client.get('message', `${path}/messages/${id}`, { token: bob.token });
    expect(payload.text).toBe('unknown');
  });

  it('is not kept, and under its key not used, where the commit fails', async () => {
    const bob = await client.newAgent('bob');
    const headers = { 'idempotency-key': 'fails' };
    await suffer([{ fault: { kind: 'commit-fails' }, step: 'save', agent: bob.agent, times: 1 }]);
    const options = { token: bob.token, headers, body: bodyOf(alice, 'lost') };
    expect((await client.request(`${path}/messages`, options)).status).toBe(500);

    await client.send(strategy, bob, alice, { text: 'other', headers });

    expect(await textsOf(bob)).toEqual(['other']);
  });

  it('is each once, and told so, while backends of the database are ended', async () => {
    const bob = await client.newAgent('bob');
    await client.send(strategy, bob, alice, { text: 'warm' });
    const end = `select count(pg_terminate_backend(pid)) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name <> 'test'`;
    const answers: { readonly text: string; readonly status: number; readonly problem: unknown }[] = [];
    for (let round = 0; round < 6; round += 1) {
      const texts = Array.from({ length: AT_ONCE }, (_, index) => `${round}/${index}`);
      const sends = texts.map(async (text) => {
        const answer = await post(bob, alice, text);
        const body: unknown = await answer.json();
        answers.push({ text, status: answer.status, problem: answer.status === 201 ? null : body });
      });
      await service.database.dataSource.query(end);
      await Promise.all(sends);
    }

    // A backend may end some time after it was told to, and take a request along.
    const kept = await until(() => textsOf(bob));
    expect(new Set(kept).size).toBe(kept.length);
    for (const { text, status, problem } of answers) {
      if (status === 201) expect(kept).toContain(text);
      else
        expect(kept.includes(text) ? problemSchema.parse(problem).kept : undefined).toBe(
          kept.includes(text) ? 'unknown' : undefined,
        );
    }
    await until(async () => {
      expect((await post(bob, alice, 'afterwards')).status).toBe(201);
    });
  });

  it('is told of a batch that ends half-way', async () => {
    const bob = await client.newAgent('bob', PASSPHRASE);
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      ids.push((await client.deliver(strategy, alice, bob, { text })).id);
    }
    const failing = { fault: { kind: 'commit-fails' }, step: 'read', agent: bob.agent };
    // Seed 4 draws 1.00 and then 0.00: it spares the first commit and strikes the second.
    await suffer([{ ...failing, times: 1, probability: 0.5 }], 4);
    const body = { status: 'read', messages: ids };
    const answer = await client.request(`${path}/receipts`, { token: bob.token, body });
    await suffer([]);

    const { kept, ids: made } = problemSchema.parse(await answer.json());
    expect([kept, made]).toEqual([true, ids.slice(0, 1)]);
    const again = await client.get('receipts', `${path}/receipts`, { token: bob.token, body });
    expect(again.items.map(({ message }) => message)).toEqual(ids);
  });
});

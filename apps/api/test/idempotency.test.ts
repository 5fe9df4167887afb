import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { until } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson, type SendExtra } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const PASSPHRASE = 'correct horse battery staple';

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('a repeated request to send on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}/messages`;
  let alice: Agent;
  let bob: Agent;

  const under = (key: string, extra: Omit<SendExtra, 'headers'> = {}): SendExtra => ({
    ...extra,
    headers: { 'idempotency-key': key },
  });
  const remove = ({ token }: Agent, id: string): Promise<Response> =>
    client.request(`${path}/${id}`, { token, method: 'DELETE' });
  const textsOf = async ({ token }: Agent, text: string): Promise<number> => {
    const { items } = await client.get('messages', `${path}?limit=200`, { token });
    return items.filter(({ payload }) => payload.text === text).length;
  };
  const problemOf = async (extra: SendExtra, status: number): Promise<string> => {
    const { text = 'hello', headers = {}, ...rest } = extra;
    const body = { to: bob.agent, payload: { type: 'text', text }, ...rest };
    return (await client.get('problem', path, { token: alice.token, body, headers, status })).type;
  };
  const signOut = ({ token }: Agent): Promise<Response> =>
    client.request('/v1/sessions/current', { token, method: 'DELETE' });

  beforeAll(async () => {
    [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
  });

  it('is answered when the message it replies to was deleted', async () => {
    const { id: replyTo } = await client.deliver(strategy, bob, alice);
    const first = await client.deliver(strategy, alice, bob, under('reply', { replyTo }));
    await remove(alice, replyTo);

    expect(await client.send(strategy, alice, bob, under('reply', { replyTo }))).toEqual(first);
  });

  it('is answered when its recipient is in the directory no more', async () => {
    const carol = await client.newAgent('carol');
    const first = await client.deliver(strategy, alice, carol, under('gone'));
    await service.database.dataSource.query(`delete from directory where nickname = 'carol'`);

    expect(await client.send(strategy, alice, carol, under('gone'))).toEqual(first);
  });

  it('is answered when its author deleted the message, which is not sent then', async () => {
    const away = await client.newAgent('away', PASSPHRASE);
    await signOut(away);
    const extra = { text: 'never', headers: { 'idempotency-key': 'deleted', prefer: 'respond-async' } };
    const first = await client.send(strategy, alice, away, extra);
    await until(async () => {
      expect((await remove(alice, first.id)).ok).toBe(true);
    });

    const again = await client.send(strategy, alice, away, extra);

    expect([again.id, again.delivery, await textsOf(alice, 'never')]).toEqual([first.id, undefined, 0]);
  });

  it('is answered as delivered when it was delivered since', async () => {
    const away = await client.newAgent('away', PASSPHRASE);
    await signOut(away);
    const key = { headers: { 'idempotency-key': 'later', prefer: 'respond-async' } };
    const first = await client.send(strategy, alice, away, key);
    const body = { agent: away.agent, passphrase: PASSPHRASE };
    await client.get('token', '/v1/sessions', { body });

    await until(async () => {
      const again = await client.send(strategy, alice, away, key);
      expect([again.id, again.status]).toEqual([first.id, 'delivered']);
    });
  });

  it.each([
    ['"k1"', 'k1'],
    ['"with \\"quotes\\" and \\\\"', 'with"quotes"and\\'],
  ])('has one key, quoted or bare: %s', async (quoted, bare) => {
    const first = await client.deliver(strategy, alice, bob, under(quoted.replaceAll(' ', '')));

    expect(await client.send(strategy, alice, bob, under(bare))).toEqual(first);
  });

  it('may have a space in its key where that is quoted', async () => {
    const first = await client.send(strategy, alice, bob, under('"order 1"'));

    expect((await client.send(strategy, alice, bob, under('"order 1"'))).id).toBe(first.id);
  });

  it.each(['"', '"a', '"a"b"', '""', 'a b', '"\\a"'])('has no key %j', async (key) => {
    await service.untilCarried();
    const before = await service.rows();

    expect(await problemOf(under(key), 400)).toBe('urn:musubi:problem:malformed');
    expect(await service.rows()).toBe(before);
  });

  it('is refused when it says something else', async () => {
    await client.deliver(strategy, alice, bob, under('other'));
    await service.untilCarried();
    const before = await service.rows();

    expect(await problemOf(under('other', { text: 'else' }), 409)).toBe(
      'urn:musubi:problem:idempotency-key-reused',
    );
    expect(await service.rows()).toBe(before);
  });

  it('is a first one when the one before it was refused', async () => {
    const replyTo = 'A'.repeat(43);
    expect(await problemOf(under('refused', { replyTo }), 422)).toBe('urn:musubi:problem:invalid');

    const sent = await client.send(strategy, alice, bob, under('refused', { text: 'corrected' }));

    expect([sent.payload.text, await textsOf(alice, 'corrected')]).toEqual(['corrected', 1]);
  });

  it('waits for the first when both come at once', async () => {
    const extra = under('at once', { text: 'at once' });
    const quoted = { ...extra, headers: { ...extra.headers, 'idempotency-key': '"at once"' } };
    const sent = await Promise.all(
      Array.from({ length: 8 }, () => client.deliver(strategy, alice, bob, quoted)),
    );

    expect(new Set(sent.map(({ id }: MessageJson) => id)).size).toBe(1);
    expect([await textsOf(alice, 'at once'), await textsOf(bob, 'at once')]).toEqual([1, 1]);
  });

  it('lets one of several through that use a key for different things at once', async () => {
    const texts = ['one', 'two', 'three', 'four'].map((text) => `${text} at once`);
    const answers = await Promise.all(
      texts.map((text) => {
        const body = { to: bob.agent, payload: { type: 'text', text } };
        const headers = { 'idempotency-key': 'different' };
        return client.request(path, { token: alice.token, body, headers });
      }),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const kept = await Promise.all(texts.map((text) => textsOf(alice, text)));
    expect(kept.reduce((sum, count) => sum + count)).toBe(1);
  });
});

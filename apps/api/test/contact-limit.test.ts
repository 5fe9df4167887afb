import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { unreachable } from '../../../test/nodes/support/cards.js';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const SHARE = 1000;

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService({ NODE_LISTEN: '127.0.0.1:0' });
  client = new Client(service.url);
});

afterAll(() => service.close());

it('refuses a card of an agent that has used up its share, keeps nothing of it, and takes it for others', async () => {
  const [alice, carol] = [await client.newAgent('alice'), await client.newAgent('carol')];
  const take = async ({ token }: { readonly token: string }): Promise<readonly [number, unknown]> => {
    const { agent, card } = unreachable(Date.now() * 1000);
    const answer = await client.request(`/v1/contacts/${agent}`, { token, method: 'PUT', body: { card } });
    const { type } = (await answer.json()) as { readonly type?: string };
    return [answer.status, type];
  };
  expect(await take(alice)).toEqual([200, undefined]);
  await service.database.dataSource.query(
    `insert into contact (holder, key, sealed)
     select $1, sha256(convert_to(number::text, 'UTF8')), '' from generate_series(2, $2) as number`,
    [fromBase64Url(alice.agent), SHARE],
  );

  const before = await service.rows();
  expect(await take(alice)).toEqual([409, 'urn:musubi:problem:contact-limit-reached']);
  expect(await service.rows()).toBe(before);
  expect(await take(carol)).toEqual([200, undefined]);
});

it('gives the place back with the contact, and with it what is held', async () => {
  const dave = await client.newAgent('dave');
  const { token } = dave;
  const heldBy = async (): Promise<number> => {
    const [row] = await service.database.dataSource.query<{ holds: number }[]>(
      'select sum(holds)::int as holds from node_record',
    );
    return row?.holds ?? 0;
  };
  const before = await heldBy();
  const { agent, card } = unreachable(Date.now() * 1000);
  const path = `/v1/contacts/${agent}`;
  for (let time = 0; time < 2; time += 1)
    expect((await client.request(path, { token, method: 'PUT', body: { card } })).status).toBe(200);
  expect(await heldBy()).toBe(before + 1);
  expect((await client.request(path, { token, method: 'DELETE' })).status).toBe(204);
  expect((await client.request(path, { token, method: 'DELETE' })).status).toBe(404);
  expect(await heldBy()).toBe(before);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { untilEqual } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { type SignalsReader, openSignals } from './support/signals.js';

const MAX_STREAMS = 8;

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

const openAll = (agent: Agent, count: number): Promise<SignalsReader[]> =>
  Promise.all(Array.from({ length: count }, () => openSignals(service.url, agent)));
const closeAll = (readers: readonly SignalsReader[]): Promise<unknown> =>
  Promise.all(readers.map((reader) => reader.close()));
const attempt = async ({ token }: Agent): Promise<number> => {
  const ending = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(`${service.url}/v1/signals`, { headers, signal: ending.signal });
  ending.abort();
  return status;
};

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  alice = await client.newAgent('alice');
});

beforeEach(async () => {
  bob = await client.newAgent('bob');
});

afterAll(() => service.close());

describe('the streams of an agent', () => {
  it('are refused beyond eight, with a problem that says so', async () => {
    const open = await openAll(bob, MAX_STREAMS);

    const refusals = await Promise.all(
      Array.from({ length: 492 }, () => client.request('/v1/signals', { token: bob.token })),
    );

    expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([429]));
    expect(refusals[0]?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await refusals[0]?.json()).toMatchObject({
      type: 'urn:musubi:problem:rate-limited',
      retryable: true,
    });
    await closeAll(open);
  });

  it('never exceed eight when all are asked for at once', async () => {
    const ending = new AbortController();
    const headers = { authorization: `Bearer ${bob.token}` };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        fetch(`${service.url}/v1/signals`, { headers, signal: ending.signal }),
      ),
    );
    ending.abort();

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(MAX_STREAMS);
  });

  it('leave a place when one is closed', async () => {
    const [first, ...others] = await openAll(bob, MAX_STREAMS);
    await first?.close();

    await untilEqual(200, () => attempt(bob));

    await closeAll(others);
  });

  it('take no place of another agent', async () => {
    const open = await openAll(bob, MAX_STREAMS);

    expect(await attempt(alice)).toBe(200);

    await closeAll(open);
  });

  it('all get each event, as the same text', async () => {
    const open = await openAll(bob, MAX_STREAMS);

    const { id } = await client.send('source-chain', alice, bob, { text: 'to all' });

    const events = await Promise.all(open.map((reader) => reader.next('message')));
    expect(events).toEqual(Array.from({ length: MAX_STREAMS }, () => expect.objectContaining({ id })));
    await closeAll(open);
  });
});

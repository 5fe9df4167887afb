import { afterEach, describe, expect, it } from '@jest/globals';
import { MusubiClient, UnreachableError } from '@musubi/client';
import { untilEqual } from '../../../test/support/until.js';
import { CONTENT, TEXT, VIEW, failureOf } from './support/file.js';
import { instantWaiting } from './support/instant.js';
import {
  type Reply,
  type ScriptedServer,
  cut,
  json,
  problem,
  scriptedServer,
  silent,
} from './support/scripted-server.js';
import { begun, callsOf, upTo } from './support/upload.js';

let server: ScriptedServer;
let waiting: ReturnType<typeof instantWaiting>;

afterEach(() => server.close());

async function clientOf(...replies: readonly Reply[]): Promise<MusubiClient> {
  server = await scriptedServer(...replies);
  waiting = instantWaiting();
  return new MusubiClient({ url: `${server.url}/`, token: 'a-token', waiting });
}

const calls = (): readonly string[] => callsOf(server);

describe('an upload that does not get further', () => {
  it('waits for a place among the unfinished ones', async () => {
    const client = await clientOf(problem(409, 'upload-limit-reached', true), begun, json(201, VIEW));

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    expect(calls()).toEqual(['POST', 'POST', `PATCH 0 ${TEXT}`]);
  });

  it('is given up after five minutes that moved nothing, and then leaves nothing', async () => {
    const client = await clientOf(begun, cut);

    expect(await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }))).toBeInstanceOf(UnreachableError);
    await untilEqual('DELETE', () => Promise.resolve(calls().at(-1)));
    expect(waiting.now()).toBeGreaterThan(280_000);
    expect(waiting.now()).toBeLessThanOrEqual(300_000);
    const looks = Array.from({ length: waiting.waited.length }, () => 'HEAD');
    expect(calls()).toEqual(['POST', `PATCH 0 ${TEXT}`, ...looks, 'DELETE']);
  });

  it('counts these minutes anew with each piece that arrives', async () => {
    const breaks = Array.from({ length: 30 }, () => cut);
    const client = await clientOf(begun, ...breaks, upTo(3), ...breaks, upTo(6), json(201, VIEW));

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    expect(waiting.now()).toBeGreaterThan(300_000);
  });

  it('waits for a place among those under way, which is no failed attempt, for five minutes', async () => {
    const full = problem(503, 'unavailable', true, '2');
    const client = await clientOf(begun, (response, received) => {
      (received.method === 'HEAD' ? upTo(0) : full)(response, received);
    });

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt', attempts: 1 }));

    expect(failure).toMatchObject({ code: 'unavailable' });
    expect(waiting.now()).toBe(300_000);
  });

  it('does not go round for ever with a service that steps back', async () => {
    const wrong = problem(409, 'upload-offset-wrong', false);
    const client = await clientOf(begun, upTo(6), (response, received) => {
      if (received.method === 'HEAD') upTo(0)(response, received);
      else if (received.headers['upload-offset'] === '0') upTo(6)(response, received);
      else wrong(response, received);
    });

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt', attempts: 2 }));

    expect(failure).toMatchObject({ code: 'upload-offset-wrong' });
    const [whole, rest] = [`PATCH 0 ${TEXT}`, `PATCH 6 ${TEXT.slice(6)}`];
    expect(calls().slice(0, 6)).toEqual(['POST', whole, rest, 'HEAD', whole, rest]);
  });

  it.each([
    ['was lost', cut],
    ['takes more than a few seconds', silent],
  ])('whose deletion %s is deleted before the next one begins', async (_, lost) => {
    const refused = problem(422, 'upload-mismatch', false);
    const client = await clientOf(begun, refused, lost, json(204, undefined), begun, json(201, VIEW));
    const file = { name: 'a.txt' };

    expect(await failureOf(client.files.upload(CONTENT, file))).toMatchObject({ code: 'upload-mismatch' });
    expect(await client.files.upload(CONTENT, file)).toEqual(VIEW);

    const whole = `PATCH 0 ${TEXT}`;
    expect(calls()).toEqual(['POST', whole, 'DELETE', 'DELETE', 'POST', whole]);
  });

  it('waits for its turn where three are under way', async () => {
    const open: (() => void)[] = [];
    let begunBy = 0;
    let most = 0;
    const client = await clientOf((response, received) => {
      if (received.method === 'POST') {
        begunBy += 1;
        most = Math.max(most, begunBy);
        begun(response, received);
        return;
      }
      open.push(() => {
        begunBy -= 1;
        json(201, VIEW)(response, received);
      });
      // They are answered by threes.
      if (open.length === 3) for (const answer of open.splice(0)) answer();
    });
    const [ending, reason] = [new AbortController(), new Error('enough')];
    const uploads = Array.from({ length: 6 }, () => client.files.upload(CONTENT, { name: 'a.txt' }));
    const aborted = failureOf(client.files.upload(CONTENT, { name: 'a.txt', signal: ending.signal }));
    ending.abort(reason);

    expect(await aborted).toBe(reason);
    await Promise.all(uploads);
    expect(most).toBe(3);
  });

  it('is given up earlier where its caller says so, once it has begun', async () => {
    const client = await clientOf(cut, cut, begun, cut);

    const failure = await failureOf(client.files.upload(CONTENT, { name: 'a.txt', attempts: 2 }));

    expect(failure).toBeInstanceOf(UnreachableError);
    expect(calls().slice(2, 5)).toEqual(['POST', `PATCH 0 ${TEXT}`, 'HEAD']);
    await untilEqual(6, () => Promise.resolve(server.received.length));
    expect(calls().at(-1)).toBe('DELETE');
  });

  it('signs in again after a restart, though the refusal of `HEAD` does not say why', async () => {
    const nameless: Reply = (response) => response.writeHead(401).end();
    const locked = problem(401, 'unauthenticated', false);
    const session = (token: string): Reply => json(201, { agent: 'an-agent', token });
    const client = await clientOf(
      ...[session('old'), begun, cut, nameless, locked, session('new'), upTo(6), json(201, VIEW)],
    );
    await client.signIn({ agent: 'an-agent', passphrase: 'long enough', keep: true });

    expect(await client.files.upload(CONTENT, { name: 'a.txt' })).toEqual(VIEW);
    const [whole, rest] = [`PATCH 0 ${TEXT}`, `PATCH 6 ${TEXT.slice(6)}`];
    expect(calls()).toEqual(['POST', 'POST', whole, 'HEAD', whole, 'POST', 'HEAD', rest]);
    expect(server.received.at(-1)?.headers.authorization).toBe('Bearer new');
  });

  it.each([401, 410])('says why when the service refuses `HEAD` with %d', async (status) => {
    const nameless: Reply = (response) => response.writeHead(status).end();
    const client = await clientOf(begun, cut, nameless, problem(status, 'agent-moved', false));

    expect(await failureOf(client.files.upload(CONTENT, { name: 'a.txt' }))).toMatchObject({
      code: 'agent-moved',
    });
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type MessageFile, STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from './support/client.js';
import { FileClient, bytesOf, problemOf } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';

const SIZE = 700_001;

let service: TestService;
let files: FileClient;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService({ FILES_MB_PER_AGENT: '48' });
  const client = new Client(service.url);
  files = new FileClient(client);
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

async function chunks(): Promise<number> {
  const rows: { chunks: number }[] = await service.database.dataSource.query(
    'select count(*)::int as chunks from file_chunk',
  );
  return rows[0]?.chunks ?? -1;
}

describe.each(STRATEGY_NAMES)('a file on %s', (strategy) => {
  it('goes with its message to the recipient, who downloads the same bytes', async () => {
    const bytes = randomBytes(SIZE);
    const file = await files.upload(alice, bytes, {
      name: 'Übersicht 結び.pdf',
      mediaType: 'application/pdf',
    });

    const { id } = await files.deliver(
      { strategy, from: alice, to: bob },
      { type: 'file', file, text: 'as agreed' },
    );

    const { payload, status } = await files.find(strategy, bob, id);
    expect([status, payload]).toEqual(['delivered', { type: 'file', text: 'as agreed', file }]);
    expect(await files.search(strategy, bob, 'übersicht agreed')).toEqual([id]);
    const answer = await files.download(bob, file);
    expect(answer.status).toBe(200);
    expect(Buffer.compare(await bytesOf(answer), bytes)).toBe(0);
    expect(file.digest).toBe(createHash('sha256').update(bytes).digest('base64url'));
  });

  it('cannot be let go of while a message refers to it', async () => {
    const file = await files.upload(alice, randomBytes(10));
    await files.deliver({ strategy, from: alice, to: bob }, { type: 'file', file });

    for (const agent of [alice, bob]) {
      expect(await problemOf(await files.discard(agent, file))).toEqual([409, 'file-in-use', undefined]);
      expect((await files.download(agent, file)).status).toBe(200);
    }
  });

  it('is gone, with its bytes, once the last message is deleted that refers to it', async () => {
    const file = await files.upload(alice, randomBytes(SIZE));
    const { id } = await files.deliver({ strategy, from: alice, to: bob }, { type: 'file', file });
    const before = await chunks();

    for (const agent of [alice, bob]) await files.remove(strategy, agent, id);

    expect(await chunks()).toBe(before - 6);
    for (const agent of [alice, bob])
      expect(await problemOf(await files.download(agent, file))).toEqual([404, 'file-not-found', undefined]);
  });

  it('is passed on by its recipient', async () => {
    const file = await files.upload(alice, randomBytes(1000));
    await files.deliver({ strategy, from: alice, to: bob }, { type: 'file', file });

    const passedOn = await files.send({ strategy, from: bob, to: bob }, { type: 'file', file });

    expect([passedOn.status, await passedOn.json()]).toMatchObject([
      201,
      { status: 'read', payload: { file } },
    ]);
  });

  it('is refused in a message of an agent that does not hold it, and nothing is kept', async () => {
    const file = await files.upload(bob, randomBytes(10));
    const rows = await service.rows();

    const refusals = [{ ...file }, { ...file, size: 9 }, { ...file, id: file.key }];
    for (const refused of refusals) {
      const answer = await files.send({ strategy, from: alice, to: bob }, { type: 'file', file: refused });
      expect(await problemOf(answer)).toEqual([422, 'invalid', 'payload.file']);
    }
    expect(await service.rows()).toBe(rows);
  });
});

describe('a download', () => {
  const bytes = randomBytes(SIZE);
  let file: MessageFile;

  beforeAll(async () => {
    file = await files.upload(alice, bytes, {
      name: 'a "quoted" – 100%.html',
      mediaType: 'text/html',
    });
  });

  it('is stored and never shown, whatever it is', async () => {
    const { headers } = await files.download(alice, file);

    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="a _quoted_ _ 100_.html"; ` +
        `filename*=UTF-8''a%20%22quoted%22%20%E2%80%93%20100%25.html`,
    );
    expect(headers.get('content-type')).toBe('text/html');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-length')).toBe(String(SIZE));
    expect(headers.get('accept-ranges')).toBe('bytes');
    const digest = createHash('sha256').update(bytes).digest('base64');
    expect(headers.get('repr-digest')).toBe(`sha-256=:${digest}:`);
  });

  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=0-', 0, SIZE - 1],
    ['bytes=253950-253951', 253_950, 253_951],
    ['bytes=100000-600000', 100_000, 600_000],
    [`bytes=${SIZE - 1}-${SIZE + 1000}`, SIZE - 1, SIZE - 1],
    ['bytes=-5', SIZE - 5, SIZE - 1],
    ['bytes=-9999999', 0, SIZE - 1],
  ])('has the range %s', async (range, first, last) => {
    const answer = await files.download(alice, file, { range });

    expect([answer.status, answer.headers.get('content-range')]).toEqual([
      206,
      `bytes ${first}-${last}/${SIZE}`,
    ]);
    expect(Buffer.compare(await bytesOf(answer), bytes.subarray(first, last + 1))).toBe(0);
  });

  it.each([`bytes=${SIZE}-`, 'bytes=-0'])('has no range %s', async (range) => {
    const answer = await files.download(alice, file, { range });

    expect(answer.headers.get('content-range')).toBe(`bytes */${SIZE}`);
    expect(await problemOf(answer)).toEqual([416, 'range-not-satisfiable', undefined]);
  });

  it.each(['bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-', 'nonsense'])('ignores %s', async (range) => {
    const answer = await files.download(alice, file, { range });

    expect([answer.status, (await bytesOf(answer)).length]).toEqual([200, SIZE]);
  });

  it('goes on only with the same file', async () => {
    const etag = (await files.download(alice, file)).headers.get('etag') ?? '';
    const resumed = await files.download(alice, file, { range: 'bytes=10-', 'if-range': etag });
    const another = await files.download(alice, file, { range: 'bytes=10-', 'if-range': '"another"' });

    expect([resumed.status, another.status]).toEqual([206, 200]);
    expect((await bytesOf(another)).length).toBe(SIZE);
  });

  it('is for those alone who hold the file', async () => {
    expect(await problemOf(await files.download(bob, file))).toEqual([404, 'file-not-found', undefined]);
    expect(await problemOf(await files.download(alice, { id: 'x' }))).toEqual([422, 'invalid', '']);
    expect((await fetch(`${service.url}/v1/files/${file.id}`)).status).toBe(401);
  });
});

describe('what an operator reads', () => {
  it('has no name, no key and no byte of a file', async () => {
    const bytes = Buffer.from('a canary that nobody else has written '.repeat(100));
    const file = await files.upload(alice, bytes, { name: 'canary-name.txt' });
    await files.deliver({ strategy: 'global-dht', from: alice, to: bob }, { type: 'file', file });

    const stored: { row: string }[] = await service.database.dataSource.query(
      `select file::text as row from file union all select file_chunk::text from file_chunk
       union all select file_use::text from file_use union all select dht_entry::text from dht_entry`,
    );
    const all = stored.map(({ row }) => row).join('\n');
    const needles = [bytes.subarray(0, 30), Buffer.from('canary-name'), Buffer.from(file.key, 'base64url')];
    for (const needle of needles) expect(all).not.toContain(needle.toString('hex'));
    const log = service.log();
    for (const secret of ['canary', file.key, file.id]) expect(log).not.toContain(secret);
  });
});

import { randomBytes } from 'node:crypto';
import { openAsBlob, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type MessageFile, MusubiClient, type Progress, UnverifiedFileError } from '@musubi/client';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { MAX_FILE_BYTES, STRATEGY_NAMES } from '@musubi/messaging';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { freePort } from '../support/free-port.js';
import { untilEqual } from '../support/until.js';
import { CuttingProxy } from './support/cutting-proxy.js';

const MIB = 1024 * 1024;
const CONTENT = randomBytes(MIB + 5);
/** What an upload of that size is told at least: its beginning, a part of it, and its end. */
const PIECES = 2;
const FILE = { name: 'notes.bin', mediaType: 'application/x-notes' };

let database: TestDatabase;
let service: ServiceProcess;
let proxy: CuttingProxy;
let alice: MusubiClient;

const start = (port: string): Promise<ServiceProcess> =>
  startServiceProcess({
    ...{ PORT: port, DATABASE_URL: database.url, NODE_SECRET: `${'a'.repeat(42)}A`, LOG_LEVEL: 'warn' },
    FILES_MB_PER_AGENT: '32',
  });

async function restart(): Promise<void> {
  const { port } = new URL(service.url);
  await service.end('SIGKILL');
  service = await start(port);
}

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  // Nobody else gets it while the service is away.
  service = await start(String(await freePort()));
  proxy = await CuttingProxy.open(service.url);
});

afterAll(async () => {
  await proxy.close();
  await service.end('SIGTERM');
  await database.close();
});

/** Each has room of its own. */
beforeEach(async () => {
  alice = new MusubiClient({ url: proxy.url });
  await alice.signUp({ nickname: 'alice' });
});

/** Those that came whole. */
const filesKept = async (): Promise<number> => {
  const [row] = await database.dataSource.query<{ count: number }[]>(
    'SELECT count(*)::int AS count FROM file WHERE key IS NOT NULL',
  );
  return row?.count ?? 0;
};
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  );
const isContent = async (file: string | MessageFile): Promise<boolean> =>
  Buffer.compare(await alice.files.download(file).bytes(), CONTENT) === 0;

function progressOf(): { readonly seen: readonly Progress[]; readonly onProgress: (seen: Progress) => void } {
  const seen: Progress[] = [];
  return { seen, onProgress: (progress) => seen.push(progress) };
}

/** Those of which some has come, or none. */
async function filesUnfinished(): Promise<number> {
  const [row] = await database.dataSource.query<{ count: number }[]>(
    'SELECT count(*)::int AS count FROM file WHERE key IS NULL',
  );
  return row?.count ?? -1;
}

function expectRising(seen: readonly Progress[], size: number, steps = 10): void {
  const bytes = seen.map((progress) => progress.bytes);
  expect(bytes).toEqual([...new Set(bytes)].sort((one, other) => one - other));
  expect(seen.at(-1)).toEqual({ bytes: size, size });
  expect(bytes.length).toBeGreaterThan(steps);
}

describe('an upload', () => {
  it('tells how far it is, and ends at the size', async () => {
    const { seen, onProgress } = progressOf();

    const file = await alice.files.upload(CONTENT, { ...FILE, onProgress });

    expect(file).toMatchObject({ ...FILE, size: CONTENT.length });
    expect(seen[0]).toEqual({ bytes: 0, size: CONTENT.length });
    expectRising(seen, CONTENT.length, PIECES);
    expect(await isContent(file)).toBe(true);
  });

  it('takes a file from the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musubi-files-'));
    await writeFile(join(folder, 'content'), CONTENT);

    const file = await alice.files.upload(await openAsBlob(join(folder, 'content')), { name: 'content' });

    expect(file.mediaType).toBe('application/octet-stream');
    expect(await isContent(file)).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('fails when its file changes on the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musubi-files-'));
    await writeFile(join(folder, 'content'), CONTENT);
    const blob = await openAsBlob(join(folder, 'content'));
    const kept = await filesKept();
    const onProgress = ({ bytes }: Progress): void => {
      if (bytes > 300_000) writeFileSync(join(folder, 'content'), 'other');
    };

    const failure = await failureOf(alice.files.upload(blob, { ...FILE, onProgress }));

    expect(failure).toMatchObject({ name: 'NotReadableError' });
    expect(await filesKept()).toBe(kept);
    await rm(folder, { recursive: true });
  });

  it.each([1000, 300_000, MIB])(
    'that is cut after %d bytes goes on from there, and leaves one file',
    async (bytes) => {
      const { seen, onProgress } = progressOf();
      const kept = await filesKept();
      proxy.cutAfter(bytes, 'up');

      const file = await alice.files.upload(CONTENT, { ...FILE, onProgress });

      expect(proxy.cutsLeft).toBe(0);
      expectRising(seen, CONTENT.length, PIECES);
      expect(await isContent(file)).toBe(true);
      expect(await filesKept()).toBe(kept + 1);
    },
  );

  it.each([
    ['first', 0],
    ['last', CONTENT.length / 2],
  ])('whose %s answer is lost is one file', async (_, after) => {
    const kept = await filesKept();
    let isToCut = true;
    const onProgress = ({ bytes }: Progress): void => {
      if (bytes < after || !isToCut) return;
      isToCut = false;
      proxy.cutAfter(1, 'down');
    };

    const file = await alice.files.upload(CONTENT, { ...FILE, onProgress });

    expect([isToCut, proxy.cutsLeft]).toEqual([false, 0]);
    expect(await isContent(file)).toBe(true);
    expect(await filesKept()).toBe(kept + 1);
  });

  it('goes on when the service was killed in its middle, and is there again', async () => {
    const returning = new MusubiClient({ url: proxy.url, token: alice.token ?? '' });
    const { seen, onProgress } = progressOf();
    const kept = await filesKept();
    let restarted: Promise<void> | undefined;

    const file = await returning.files.upload(CONTENT, {
      ...FILE,
      onProgress: (progress) => {
        onProgress(progress);
        if (progress.bytes > 0) restarted ??= restart();
      },
    });

    await restarted;
    expectRising(seen, CONTENT.length, PIECES);
    expect(await isContent(file)).toBe(true);
    expect(await filesKept()).toBe(kept + 1);
  });

  it('is refused by a typed problem, at once, when it is too large', async () => {
    const kept = await filesKept();

    const failure = await failureOf(alice.files.upload(new Uint8Array(MAX_FILE_BYTES + 1), FILE));

    expect(failure).toMatchObject({ code: 'payload-too-large', status: 413 });
    expect(await filesKept()).toBe(kept);
  });

  it('is refused by a typed problem, at once, when there is no room', async () => {
    for (let count = 0; count < 2; count += 1) await alice.files.upload(new Uint8Array(14 * MIB), FILE);
    const kept = await filesKept();

    const failure = await failureOf(alice.files.upload(new Uint8Array(10 * MIB), FILE));

    expect(failure).toMatchObject({ code: 'file-quota-exceeded', status: 409 });
    expect(await filesKept()).toBe(kept);
  });

  it('is refused with a path for a name', async () => {
    const failure = await failureOf(alice.files.upload(CONTENT, { name: '../notes' }));

    expect(failure).toMatchObject({ code: 'invalid', status: 422 });
  });

  it('ends by its signal in the middle, and leaves nothing', async () => {
    const [ending, reason] = [new AbortController(), new Error('enough')];
    const [kept, unfinished] = [await filesKept(), await filesUnfinished()];
    const onProgress = ({ bytes }: Progress): void => {
      if (bytes > 300_000) ending.abort(reason);
    };

    const upload = alice.files.upload(CONTENT, { ...FILE, onProgress, signal: ending.signal });

    expect(await failureOf(upload)).toBe(reason);
    await untilEqual(unfinished, filesUnfinished);
    expect(await filesKept()).toBe(kept);
  });
});

describe('a download', () => {
  let file: MessageFile;

  beforeEach(async () => {
    file = await alice.files.upload(CONTENT, FILE);
  });

  it.each([[1], [700], [253_951], [300_000, 1, 300_000], [MIB]])(
    'that is cut after %d bytes goes on from there',
    async (...cuts) => {
      const { seen, onProgress } = progressOf();
      for (const bytes of cuts) proxy.cutAfter(bytes, 'down');

      const bytes = await alice.files.download(file.id, { onProgress }).bytes();

      expect(proxy.cutsLeft).toBe(0);
      expect(Buffer.compare(bytes, CONTENT)).toBe(0);
      expectRising(seen, CONTENT.length);
    },
  );

  it('is a stream, too', async () => {
    const answer = new Response(alice.files.download(file).stream());

    expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), CONTENT)).toBe(0);
  });

  it('of other bytes than its message says is an error, and is never whole', async () => {
    const other = { ...file, digest: `${'A'.repeat(42)}A` };
    let read = 0;
    const reading = (async (): Promise<void> => {
      for await (const { length } of alice.files.download(other)) read += length;
    })();

    expect(await failureOf(reading)).toBeInstanceOf(UnverifiedFileError);
    expect(read).toBeLessThan(CONTENT.length);
    expect(await failureOf(alice.files.download({ ...file, size: 5 }).bytes())).toBeInstanceOf(
      UnverifiedFileError,
    );
  });

  it('of an unknown file is a typed problem', async () => {
    const failure = await failureOf(alice.files.download('A'.repeat(43)).bytes());

    expect(failure).toMatchObject({ code: 'file-not-found', status: 404 });
  });

  it('ends by its signal in the middle', async () => {
    const [ending, reason] = [new AbortController(), new Error('enough')];
    const onProgress = ({ bytes }: Progress): void => {
      if (bytes > 300_000) ending.abort(reason);
    };

    const download = alice.files.download(file, { onProgress, signal: ending.signal });

    expect(await failureOf(download.bytes())).toBe(reason);
  });

  it('may be left in the middle, and then its place is free', async () => {
    for (let count = 0; count < 8; count += 1)
      for await (const bytes of alice.files.download(file)) {
        expect(bytes.length).toBeGreaterThan(0);
        break;
      }

    expect(await isContent(file)).toBe(true);
  });
});

describe.each(STRATEGY_NAMES)('a file message on %s', (strategy) => {
  it('is sent with a text, and its recipient reads the same bytes', async () => {
    const bob = new MusubiClient({ url: service.url });
    const { agent } = await bob.signUp({ nickname: 'bob' });
    const file = await alice.files.upload(CONTENT, FILE);

    const sent = await alice.send({ to: agent, file, text: 'as agreed', strategy, wait: 30 });
    await untilEqual('delivered', async () => (await alice.message(strategy, sent.id)).status);
    const { payload } = await bob.message(strategy, sent.id);

    expect(payload).toEqual({ type: 'file', text: 'as agreed', file });
    if (payload.type !== 'file') throw new Error('no file');
    expect(Buffer.compare(await bob.files.download(payload.file).bytes(), CONTENT)).toBe(0);
  });
});

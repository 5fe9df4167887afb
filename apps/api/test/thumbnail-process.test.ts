import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { type WorkerEnd, runThumbnailWorker } from '../src/files/thumbnail-process.js';

type Options = Partial<Parameters<typeof runThumbnailWorker>[1]> & {
  readonly content?: AsyncIterable<Uint8Array>;
};

/** Runs a script in the place of the one that makes thumbnails. */
function run(script: string, { content = some(''), ...options }: Options = {}): Promise<WorkerEnd> {
  const command = [process.execPath, '-e', script];
  return runThumbnailWorker(content, { signal: new AbortController().signal, command, ...options });
}

async function* some(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

it('gives the content, and takes what is written', async () => {
  const end = await run('process.stdin.pipe(process.stdout)', { content: some('a', 'b') });

  expect(end).toEqual({ exitCode: 0, signal: null, output: Buffer.from('ab') });
});

it('is bounded by the kernel', async () => {
  const command = ['/bin/sh', '-c', 'ulimit -f; ulimit -c; ulimit -S -t; ulimit -H -t; ulimit -d'];

  const { output } = await run('', { command });

  expect(output.toString().trim().split('\n')).toEqual(['0', '0', '15', '20', '524288']);
});

it('writes no file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'musubi-'));
  const file = join(folder, 'leak');
  const script = `
    try { require('node:fs').writeFileSync(${JSON.stringify(file)}, 'content'); }
    catch ({ code }) { process.stdout.write(code); }`;

  expect((await run(script)).output.toString()).toBe('EFBIG');

  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).size).toBe(0);
  await rm(folder, { recursive: true });
});

it('gets no memory without end', async () => {
  const { exitCode } = await run('Buffer.alloc(2 ** 30, 1)');

  expect(exitCode).not.toBe(0);
});

it('knows nothing of the environment of the service', async () => {
  process.env['NODE_SECRET'] = 'a-secret';

  const { output } = await run('process.stdout.write(JSON.stringify(process.env))');

  delete process.env['NODE_SECRET'];
  expect(JSON.parse(output.toString())).toMatchObject({ UV_THREADPOOL_SIZE: '1' });
  expect(output.toString()).not.toContain('a-secret');
});

it('is killed when it hangs', async () => {
  const end = await run('setInterval(() => 0, 1000)', { limitMs: 100 });

  expect(end).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

it('is killed when nobody waits for it any more', async () => {
  const gone = new AbortController();
  const ending = run('setInterval(() => 0, 1000)', { signal: gone.signal });
  gone.abort();

  expect(await ending).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  expect(await run('setInterval(() => 0, 1000)', { signal: gone.signal })).toMatchObject({
    signal: 'SIGKILL',
  });
});

it('is killed when it writes without end', async () => {
  const { output, signal } = await run('for (;;) require("node:fs").writeSync(1, Buffer.alloc(65536))');

  expect(signal).toBe('SIGKILL');
  expect(output.length).toBeLessThanOrEqual(1024 * 1024);
});

it('says how it ended, though it has taken nothing', async () => {
  const content = (): AsyncIterable<Uint8Array> => some(...Array<string>(64).fill('x'.repeat(65_536)));

  expect(await run('process.exit(3)', { content: content() })).toMatchObject({ exitCode: 3, signal: null });
  expect(await run('process.abort()', { content: content() })).toMatchObject({ signal: 'SIGABRT' });
});

it('fails as its content does', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('a'));
    throw new Error('gone meanwhile');
  }

  await expect(run('process.stdin.pipe(process.stdout)', { content: failing() })).rejects.toThrow(
    'gone meanwhile',
  );
});

it('makes nothing where it cannot be started', async () => {
  const { exitCode, output } = await run('', { command: [join(tmpdir(), 'no-such-program')] });

  expect(exitCode).not.toBe(0);
  expect(output).toHaveLength(0);
});

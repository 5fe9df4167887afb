import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MusubiClient, UnreachableError, UnverifiedFileError } from '@musubi/client';
import { FILE, REPR_DIGEST, TEXT, VIEW, failureOf } from './support/file.js';
import { instantWaiting } from './support/instant.js';
import { type Reply, type ScriptedServer, cut, problem, scriptedServer } from './support/scripted-server.js';

let server: ScriptedServer;
let waiting: ReturnType<typeof instantWaiting>;

afterEach(() => server.close());

async function clientOf(...replies: readonly Reply[]): Promise<MusubiClient> {
  server = await scriptedServer(...replies);
  waiting = instantWaiting();
  return new MusubiClient({ url: `${server.url}/`, token: 'a-token', waiting });
}

const textOf = async (client: MusubiClient, file: string | typeof VIEW): Promise<string> =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(await client.files.download(file).bytes());

/** The file, or what follows a byte, and less of it than is announced where `sent` says so. */
function bytesOf(headers: Readonly<Record<string, string>>, sent?: string): Reply {
  return (response, { headers: asked }) => {
    const from = Number(/^bytes=(\d+)-$/.exec(asked.range ?? '')?.[1] ?? 0);
    const body = TEXT.slice(from);
    const range = `bytes ${from}-${TEXT.length - 1}/${TEXT.length}`;
    response.writeHead(206, { 'content-length': body.length, 'content-range': range, ...headers });
    response.write(sent ?? body, () => {
      if (sent === undefined) response.end();
      else response.destroy();
    });
  };
}
const ranges = (): readonly unknown[] => server.received.map(({ headers }) => headers.range);

describe('a thumbnail', () => {
  it('comes when the service has made it', async () => {
    const picture: Reply = (response) =>
      response.writeHead(200, { 'content-type': 'image/webp' }).end('webp');
    const client = await clientOf(problem(503, 'unavailable', true, '2'), picture);

    const thumbnail = await client.files.thumbnail(FILE.id);

    expect([thumbnail.type, await thumbnail.text(), waiting.waited]).toEqual(['image/webp', 'webp', [2000]]);
    expect(server.received[1]?.path).toBe(`/v1/files/${FILE.id}/thumbnail`);
  });

  it('of what is no image is refused', async () => {
    const client = await clientOf(problem(422, 'not-an-image', false));

    expect(await failureOf(client.files.thumbnail(FILE.id))).toMatchObject({ code: 'not-an-image' });
  });
});

describe('a download', () => {
  it('goes on from the last byte after each break', async () => {
    const headers = { 'repr-digest': REPR_DIGEST };
    const client = await clientOf(
      ...[bytesOf(headers, 'hel'), cut, problem(503, 'unavailable', true, '7')],
      ...[bytesOf(headers, 'lo'), bytesOf(headers)],
    );

    expect(await textOf(client, FILE.id)).toBe(TEXT);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=3-', 'bytes=3-', 'bytes=3-', 'bytes=5-']);
    expect(server.received.map(({ headers: sent }) => sent['if-range'])).toEqual([
      undefined,
      ...Array<string>(4).fill(`"${FILE.id}"`),
    ]);
    expect(waiting.waited).toEqual([187.5, 187.5, 7000, 187.5]);
  });

  it('goes on when the whole comes again', async () => {
    const whole: Reply = (response) => response.writeHead(200, { 'content-length': TEXT.length }).end(TEXT);
    const client = await clientOf(bytesOf({}, 'hel'), whole);

    expect(await textOf(client, VIEW)).toBe(TEXT);
  });

  it('goes on when the service falls silent', async () => {
    const stalled: Reply = (response) => {
      response.writeHead(206, { 'content-range': `bytes 0-10/11`, 'content-length': 11 }).write('hel');
    };
    const client = await clientOf(stalled, bytesOf({}));
    const chunks: string[] = [];

    for await (const chunk of client.files.download(VIEW, { timeoutMs: 1000 }))
      chunks.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(chunk));

    expect(chunks.join('')).toBe(TEXT);
  });

  it('is given up earlier where its caller says so, once it has begun', async () => {
    const client = await clientOf(cut, cut, bytesOf({}, 'hel'), cut);

    const failure = await failureOf(client.files.download(VIEW, { attempts: 2 }).bytes());

    expect(failure).toBeInstanceOf(UnreachableError);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=0-', 'bytes=0-', 'bytes=3-', 'bytes=3-']);
  });

  it('is given up after five attempts that brought nothing', async () => {
    const client = await clientOf(bytesOf({}, 'hel'), cut);

    expect(await failureOf(client.files.download(VIEW).bytes())).toBeInstanceOf(UnreachableError);
    expect(server.received).toHaveLength(6);
  });

  it.each<[string, string | typeof VIEW, Reply]>([
    ['another digest than its message says', { ...VIEW, digest: 'other' }, bytesOf({})],
    ['another digest than the service says', FILE.id, bytesOf({ 'repr-digest': 'sha-256=:AAAA:' })],
    ['no digest at all', FILE.id, bytesOf({})],
    ['another size than its message says', { ...VIEW, size: 12 }, bytesOf({})],
    ['more bytes than its message says', VIEW, (response) => response.writeHead(206).end(`${TEXT} and more`)],
    ['another part', VIEW, bytesOf({ 'content-range': 'bytes 3-10/11' })],
  ])('fails with %s', async (_, file, reply) => {
    const client = await clientOf(reply);

    expect(await failureOf(client.files.download(file).bytes())).toBeInstanceOf(UnverifiedFileError);
    expect(server.received).toHaveLength(1);
  });

  it('as a stream is cancelled at once, also while a read waits for bytes', async () => {
    let end: Promise<unknown> = Promise.resolve();
    const stalled: Reply = (response) => {
      end = once(response, 'close');
      response.writeHead(206, { 'content-range': `bytes 0-10/11`, 'content-length': 11 }).write('hel');
    };
    const client = await clientOf(stalled);
    const reader = client.files.download(VIEW).stream().getReader();
    await reader.read();
    const waitingRead = reader.read();

    await reader.cancel(new Error('enough'));

    expect(await waitingRead).toEqual({ done: true, value: undefined });
    await end;
    expect(server.received).toHaveLength(1);
  });

  it('asks for nothing before it is read', async () => {
    const client = await clientOf(bytesOf({}));

    client.files.download(VIEW);
    await client.files.download(VIEW).stream().cancel();

    expect(server.received).toEqual([]);
  });
});

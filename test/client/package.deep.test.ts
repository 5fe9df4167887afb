import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type * as client from '@musubi/client';
import { type TestService, openService } from '../../apps/api/test/support/open-service.js';
import { type Project, ROOT, installedClient } from './support/installed.js';
import { loadInWebRealm } from './support/web-realm.js';

const EXAMPLE = /```js\n([^`]*)```\n\n```text\n([^`]*)```/g;
const TSC = join(ROOT, 'node_modules/@typescript/native/bin/tsc');

let project: Project;
let service: TestService;

beforeAll(async () => {
  [project, service] = await Promise.all([installedClient(), openService()]);
});

afterAll(() => Promise.all([project.remove(), service.close()]));

describe('the packed client in an empty project', () => {
  it('has its build, its sources, a README and nothing else', async () => {
    const inside = join(project.folder, 'node_modules/@musubi/client');
    const files = await project.run('find', inside, '-type', 'f', '-printf', '%P\n');
    const kinds = files.trim().replaceAll(/(dist|src)\/.*?(\.d\.ts|\.js|\.ts)?(\.map)?$/gm, '$1/*$2$3');

    expect([...new Set(kinds.split('\n'))].sort()).toEqual([
      'README.md',
      'dist/*.d.ts',
      'dist/*.d.ts.map',
      'dist/*.js',
      'dist/*.js.map',
      'package.json',
      'src/*.ts',
    ]);
  });

  it('does what the examples of its README say', async () => {
    const readme = await readFile(join(ROOT, 'libs/client/README.md'), 'utf8');
    const examples = [...readme.matchAll(EXAMPLE)];
    const printed: string[] = [];
    for (const [index, [, code = '']] of examples.entries()) {
      const file = join(project.folder, `example-${index}.js`);
      await writeFile(file, code.replace('http://127.0.0.1:3000', service.url));
      printed.push(await project.run(process.execPath, file));
    }

    expect(examples.length).toBeGreaterThan(1);
    expect(printed).toEqual(examples.map(([, , text]) => text));
  });

  it.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ])(
    'has types for a strict project with the libraries of browsers alone: %s',
    async (module, resolution) => {
      const code = [
        `import { type Change, MusubiClient, ProblemError } from '@musubi/client';`,
        `const client = new MusubiClient({ url: '' });`,
        `const changes: AsyncIterable<Change> = client.changes();`,
        `export const status: Promise<'saved' | 'delivered' | 'read' | 'failed'> = client`,
        `  .send({ to: '', text: '', strategy: 'global-dht' })`,
        `  .then((message) => message.status);`,
        `export const isReused = (error: ProblemError): boolean => error.code === 'idempotency-key-reused';`,
        `// @ts-expect-error: there is no such placement`,
        `void client.send({ to: '', text: '', strategy: 'nowhere' });`,
        `// @ts-expect-error: there is no such code`,
        `export const isOther = (error: ProblemError): boolean => error.code === 'other';`,
        `void client.send({ to: '', file: await client.files.upload(new Uint8Array(5), { name: 'a' }), strategy: 'global-dht' });`,
        `// @ts-expect-error: a file has a name`,
        `void client.files.upload(new Uint8Array(5), {});`,
        `// @ts-expect-error: a message says something`,
        `void client.send({ to: '', strategy: 'global-dht' });`,
        `void changes;`,
      ];
      const file = join(project.folder, 'types.ts');
      await writeFile(file, code.join('\n'));
      const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit'];
      const kind = ['--target', 'ES2023', '--lib', 'ES2023,DOM,DOM.AsyncIterable', '--types', ''];

      const output = await project
        .run(
          process.execPath,
          TSC,
          ...strict,
          ...kind,
          '--module',
          module,
          '--moduleResolution',
          resolution,
          file,
        )
        .catch((error: unknown) => (error as { stdout: string }).stdout);

      expect(output).toBe('');
    },
  );
});

describe('the packed client where there is nothing of Node', () => {
  it('sends a message and follows it to its end', async () => {
    const { exports, files } = await loadInWebRealm(project.folder, '@musubi/client');
    const { MusubiClient } = exports as unknown as typeof client;
    const [alice, bob] = [new MusubiClient({ url: service.url }), new MusubiClient({ url: service.url })];
    await alice.signUp({ nickname: 'alice' });
    const { agent } = await bob.signUp({ nickname: 'bob' });
    const changes = alice.changes();
    await changes.ready;

    const sent = await alice.send(draftTo(agent));
    const seen: string[] = [];
    for await (const change of changes) {
      if (change.type === 'message' && change.message.id === sent.id) seen.push(change.message.status);
      if (seen.at(-1) === 'delivered') break;
    }

    expect(seen.at(-1)).toBe('delivered');
    expect(files.length).toBeGreaterThan(10);
  });

  it('sends a file and reads it, and tells how far the upload is', async () => {
    const { exports } = await loadInWebRealm(project.folder, '@musubi/client');
    const { MusubiClient } = exports as unknown as typeof client;
    const alice = new MusubiClient({ url: service.url });
    const { agent } = await alice.signUp({ nickname: 'alice' });
    const content = randomBytes(600_000);
    const seen: number[] = [];
    const onProgress = ({ bytes }: client.Progress): number => seen.push(bytes);

    const file = await alice.files.upload(new Blob([content]), { name: 'notes.bin', onProgress });
    await alice.send({ to: agent, file, strategy: 'pairwise-dht' });

    expect([seen[0], seen.at(-1)]).toEqual([0, content.length]);
    expect(seen.length).toBeGreaterThan(2);
    expect(Buffer.compare(await alice.files.download(file).bytes(), content)).toBe(0);
  });
});

function draftTo(to: string): client.Draft {
  return { to, text: 'from a browser', strategy: 'pairwise-dht' };
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgresUnavailableError } from '@musubi/embedded-postgres';
import { findBinaries } from '../src/binaries.js';
import { type ChildOptions, startChild } from './support/child.js';
import {
  expectOpenCheckout,
  IS_ROOT,
  newFolder,
  newFolderOf,
  NOBODY,
  pathWith,
  removeFolders,
} from './support/folders.js';

/** Another account that every system has; initdb insists on one with a name. */
const DAEMON = { uid: 1, gid: 1 };

interface Answer {
  readonly url?: string;
  readonly error?: { readonly name: string; readonly message: string };
}

/** Starts a server from another process, stops it, and returns what that said first. */
async function serveOnce(dataDir: string, options: ChildOptions = {}): Promise<Answer> {
  const child = startChild('serve.child.ts', [dataDir], options);
  const answer = await child.next<Answer>();
  if (answer.url !== undefined) child.signal('SIGINT');
  await child.exit;
  return answer;
}

/** As in a stripped container. */
const pathWithoutUnshare = (): Promise<string> => pathWith('sh', 'setpriv', 'flock');

afterAll(removeFolders);

describe('the account that PostgreSQL runs as', () => {
  it('is our own below folders that no one else may enter', async () => {
    const dataDir = join(await newFolder(), 'a', 'data');
    const started = await serveOnce(dataDir);
    expect(started.error).toBeUndefined();
    expect((await stat(join(dataDir, 'pgdata'))).uid).toBe(process.getuid?.());
  });
});

function describeAsRoot(): void {
  describe('the account, when root starts it,', () => {
    beforeAll(expectOpenCheckout);

    it('is the ordinary user when one starts it', async () => {
      const dataDir = await newFolderOf(NOBODY);
      expect((await serveOnce(dataDir, NOBODY)).error).toBeUndefined();
      expect((await stat(join(dataDir, 'pgdata'))).uid).toBe(NOBODY.uid);
    });

    it('is nobody where user namespaces are not to be had, then and later', async () => {
      const dataDir = await newFolder();
      const env = { PATH: await pathWithoutUnshare() };
      expect((await serveOnce(dataDir, { env })).error).toBeUndefined();
      expect((await serveOnce(dataDir)).error).toBeUndefined();
      expect((await stat(join(dataDir, 'pgdata'))).uid).toBe(NOBODY.uid);
    });

    it('is the owner of the place, where user namespaces are not to be had', async () => {
      const dataDir = join(await newFolderOf(DAEMON), 'data');
      const env = { PATH: await pathWithoutUnshare() };
      expect((await serveOnce(dataDir, { env })).error).toBeUndefined();
      expect((await stat(join(dataDir, 'pgdata'))).uid).toBe(DAEMON.uid);
    });

    it('is none where nobody cannot reach the folder: the error names DATABASE_URL', async () => {
      const dataDir = join(await newFolder(), 'data');
      const env = { PATH: await pathWithoutUnshare() };
      const { error } = await serveOnce(dataDir, { env });
      expect(error?.name).toBe('EmbeddedPostgresUnavailableError');
      expect(error?.message).toContain('DATABASE_URL');
    });
  });
}

// For an ordinary user the case above is all there is.
if (IS_ROOT) describeAsRoot();

describe('findBinaries', () => {
  it('says what to do on a platform without a package', () => {
    expect(() => findBinaries('plan9-pdp11')).toThrow(EmbeddedPostgresUnavailableError);
    expect(() => findBinaries('plan9-pdp11')).toThrow(/@embedded-postgres\/plan9-pdp11.*DATABASE_URL/);
  });
});

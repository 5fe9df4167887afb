import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { type Project, installedClient } from '../client/support/installed.js';
import { freePort } from '../support/free-port.js';
import { type Browser, openInBrowser } from './browser.js';
import { PageHost, bundle } from './page-host.js';

const ALL = ['saved', 'delivered', 'read'];

let dataDir: string;
let project: Project;
let service: ServiceProcess;
let script: string;
let host: PageHost | undefined;
let browser: Browser | undefined;

const start = (port: string): Promise<ServiceProcess> =>
  startServiceProcess({ DATA_DIR: dataDir, PORT: port, LOG_LEVEL: 'warn' });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-browser-service-'));
  const port = String(await freePort());
  [project, service] = await Promise.all([installedClient(), start(port)]);
  script = await bundle(join(import.meta.dirname, 'page.ts'), project.folder);
});

afterAll(async () => {
  await browser?.close();
  await host?.close();
  await service.end('SIGTERM');
  await Promise.all([project.remove(), rm(dataDir, { recursive: true, force: true })]);
});

describe('the packed client, bundled, in Chromium', () => {
  it('sends by every placement, brings a file although an answer is lost, and goes on when the service was killed and is there again', async () => {
    host = await PageHost.open(script, service.url);
    const [following, result] = [host.report('/following'), host.report('/result')];
    browser = await openInBrowser(host.url);

    const reached = await Promise.race([following, result, browser.failed]);
    expect(reached.body).toBe('{}');
    const { port } = new URL(service.url);
    await service.end('SIGKILL');
    service = await start(port);
    reached.goOn();

    const { body, goOn } = await Promise.race([result, browser.failed]);
    goOn();
    const { progress, ...rest } = JSON.parse(body) as { readonly progress: readonly number[] };
    expect(rest).toEqual({
      browser: expect.stringContaining('Chrome'),
      isSame: true,
      states: { 'source-chain': ALL, 'pairwise-dht': ALL, 'global-dht': ALL },
    });
    expect(progress).toEqual([0, 253_951, 761_853, 1_269_755, 1_500_000]);
    // A browser may repeat the piece whose answer was lost by itself.
    const [asked, again] = [[...new Set(host.uploads)], host.uploads.indexOf('HEAD')];
    expect(asked).toEqual(['POST', 'PATCH 0', 'PATCH 253951', 'HEAD', 'PATCH 761853', 'PATCH 1269755']);
    expect(host.uploads.slice(again)).toEqual(['HEAD', 'PATCH 761853', 'PATCH 1269755']);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type TestService, openService } from '../../apps/api/test/support/open-service.js';
import { apiTypes } from './api-types.js';

const FILE = join(import.meta.dirname, '..', '..', 'libs', 'client', 'src', 'openapi.ts');

let service: TestService;

beforeAll(async () => {
  service = await openService();
});

afterAll(() => service.close());

it('has the types of what the service serves (`npm run client:types` writes them anew)', async () => {
  const types = await apiTypes(await (await fetch(`${service.url}/openapi.json`)).text(), FILE);
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(FILE, types);

  expect(await readFile(FILE, 'utf8')).toBe(types);
});

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';

const LIBS = join(import.meta.dirname, '..', 'libs');

/** The suites in a package: what its *.conformance.test.ts files hand to describeMessagingStrategy. */
async function suitesOf(name: string): Promise<string> {
  const folder = join(LIBS, name, 'test');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.conformance.test.ts'));
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
}

describe('every strategy', () => {
  it.each([...STRATEGY_NAMES.map((name) => [name, name]), ['conformance', 'in-memory']])(
    'in libs/%s runs the conformance suite as %s',
    async (folder = '', name = '') => {
      expect(await suitesOf(folder)).toContain(`describeMessagingStrategy('${name}',`);
    },
  );
});

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile } from '../support/ts-loader-hooks.js';
import { traced } from './traced-source.js';

export { resolve } from '../support/ts-loader-hooks.js';

const SOURCE = /\/((?:libs|apps)\/[^/]+\/src\/.*\.ts)$/;

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const source = await readFile(filename, 'utf8');
  const [, name] = SOURCE.exec(url) ?? [];
  return compile(filename, name === undefined ? source : traced(source, name));
}

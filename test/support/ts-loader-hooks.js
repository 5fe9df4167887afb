import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import jestConfig from '../../jest.config.js';

/** Jest's own options, so that a source file means the same under both. */
const [, swcOptions] = jestConfig.transform['^.+\\.ts$'];

/** Sources import `./x.js`, the name after the build; before it, the file is `x.ts`. */
export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^\.{1,2}\/.*\.js$/.test(specifier)) throw error;
    return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
  }
}

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  return compile(filename, await readFile(filename, 'utf8'));
}

/** A source of that name as Node takes it. */
export async function compile(filename, source) {
  const { code } = await transform(source, { ...swcOptions, filename, swcrc: false, sourceMaps: 'inline' });
  return { format: 'module', shortCircuit: true, source: code };
}

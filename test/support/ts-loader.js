/**
 * Lets Node run the TypeScript sources as they are:
 *   node --conditions=@musubi/source --import ./test/support/ts-loader.js apps/api/src/main.ts
 */
import { register } from 'node:module';

register('./ts-loader-hooks.js', import.meta.url);

/** Imports a module of the sources from code that Node did not load through the hooks itself. */
export function importSource(specifier) {
  return import(specifier);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pageOf } from './page.js';
import { run, sectionsOf } from './walk.js';

/** Runs docs/walk.sh at the service that API names. Fails when docs/tutorial.md shows anything else. */
const DOCS = join(import.meta.dirname, '..', '..', 'docs');

const api = process.env['API'] ?? 'http://127.0.0.1:3000/v1';
const walk = await run(sectionsOf(await readFile(join(DOCS, 'walk.sh'), 'utf8')), api);
const page = pageOf(walk);

if (page !== (await readFile(join(DOCS, 'tutorial.md'), 'utf8'))) {
  console.error(`docs/tutorial.md is not what the walk prints. This is:\n${page}`);
  process.exitCode = 1;
} else {
  console.log(`${walk.length} sections print what docs/tutorial.md shows.`);
}

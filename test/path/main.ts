import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import startPostgres from '../support/start-postgres.js';
import stopPostgres from '../support/stop-postgres.js';
import { messagePaths } from './message-path.js';
import { sectionOf, withSection } from './section.js';

/** Prints a message's path through the code; with UPDATE_DOCS=1 it goes into docs/architecture.md as well. */
const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'architecture.md');

if (process.env['MUSUBI_TEST_DATABASE_URL'] === undefined) await startPostgres();
try {
  const section = sectionOf(await messagePaths());
  if (process.env['UPDATE_DOCS'] === '1') {
    await writeFile(PAGE, withSection(await readFile(PAGE, 'utf8'), section));
  }
  console.log(section);
} finally {
  await stopPostgres();
}

import { packService } from './pack-service.js';
import { importSource } from './ts-loader.js';

/** What all test files share: the service, ready to start, and a server for their databases. */
export default async function setUp() {
  try {
    process.env['MUSUBI_TEST_SERVICE'] = await packService();
  } catch {
    // esbuild has said why. Most tests start no service, and what starts one now does so from the sources.
  }
  const { default: startPostgres } = await importSource('./start-postgres.ts');
  await startPostgres();
}

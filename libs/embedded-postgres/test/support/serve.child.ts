// Starts a server on the folder given and says where it is. SIGINT: asks it something once more, stops it, ends.
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import pg from 'pg';
import { say } from './say.js';

const [dataDir = ''] = process.argv.slice(2);
try {
  const server = await startEmbeddedPostgres({ dataDir });
  const client = new pg.Client(server.url);
  await client.connect();
  const stayAlive = setInterval(() => undefined, 60_000);
  process.once('SIGINT', () => {
    void (async () => {
      const { rows } = await client.query<{ answer: number }>('select 42 as answer');
      await client.end();
      await server.stop();
      clearInterval(stayAlive);
      say(rows[0]);
    })();
  });
  say({ url: server.url, pid: server.pid });
} catch (error) {
  say({ error: error instanceof Error ? { name: error.name, message: error.message } : String(error) });
}

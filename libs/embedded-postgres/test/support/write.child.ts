// Starts a server on the folder given, and has several writers insert numbers; says each number once it is committed.
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import pg from 'pg';
import { say } from './say.js';

const WRITERS = 4;

const [dataDir = ''] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDir });
const pool = new pg.Pool({ connectionString: server.url, max: WRITERS });
await pool.query('create table if not exists written (number integer primary key)');
say({ pid: server.pid });

let last = 0;
async function write(): Promise<never> {
  for (;;) {
    const number = (last += 1);
    await pool.query('insert into written values ($1)', [number]);
    say({ number });
  }
}
await Promise.all(Array.from({ length: WRITERS }, write));

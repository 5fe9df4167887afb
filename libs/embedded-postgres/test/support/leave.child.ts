// Starts a server on the folder given and forgets it: nothing else keeps this process alive.
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import { say } from './say.js';

const [dataDir = ''] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDir });
say({ pid: server.pid });

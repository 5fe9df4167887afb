import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that a system gives to connections, and to servers that ask for any: such a port stays free until it
 * is used, and while its server is away.
 */
const [LOWEST, HIGHEST] = [20_000, 32_000];

const given = new Set<number>();

/** A port of the loopback interface that nobody listens on just now, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (given.has(port) || !(await canListenAt(port))) continue;
    given.add(port);
    return port;
  }
}

async function canListenAt(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!isListening) return false;
  server.close();
  await once(server, 'close');
  return true;
}

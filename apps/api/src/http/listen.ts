import { lookup } from 'node:dns/promises';
import { type Server } from 'node:http';
import { type AddressInfo, type Server as Door, createServer } from 'node:net';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config } from '../config/config.js';

const BOTH = 'localhost';

/** All that a host stands for where that is this machine itself; else the host. */
export async function addressesOf({ host }: Pick<Config, 'host'>): Promise<readonly string[]> {
  if (host !== BOTH) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/**
 * Listens at the first address, and leads what comes to the others to the same HTTP server. `localhost` is an address of IPv4 and
 * one of IPv6, for which Fastify would make a second server: that has none of the listeners of the first, and a stop would not
 * drain it. Many machines lack one of the two, so that only the first must be had.
 */
export async function listenAt(
  app: NestFastifyApplication,
  [first = BOTH, ...others]: readonly string[],
  port: number,
): Promise<void> {
  const http = app.getHttpAdapter().getInstance();
  const doors: Door[] = [];
  http.addHook('preClose', (done) => {
    for (const door of doors) door.close();
    done();
  });
  await app.listen(port, first);
  doors.push(...(await Promise.all(others.map((address) => leadTo(http.server, address)))));
}

/** Gives the server the connections of another address, at the same port. */
async function leadTo(server: Server, address: string): Promise<Door> {
  // As Node's own HTTP servers take connections.
  const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    server.emit('connection', socket);
  });
  await new Promise<void>((resolve) => {
    door.on('error', () => {
      resolve();
    });
    door.listen((server.address() as AddressInfo).port, address, resolve);
  });
  return door;
}

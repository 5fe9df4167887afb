import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** A real Redis that a test can lose. */
export interface TestRedis {
  readonly url: string;
  /** Kills it, or cuts every connection to one that is not ours to kill. */
  lose(): Promise<void>;
  /** Starts it again at the same address, without anything it knew. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** A redis-server of the test's own; with REDIS_URL, that one behind a relay which can be cut. */
export async function openTestRedis(): Promise<TestRedis> {
  const given = process.env['REDIS_URL'] ?? '';
  return given === '' ? startOwn() : relayTo(given);
}

/** Everything that Redis is told, as its operator sees it. */
export async function watchRedis({ url }: TestRedis): Promise<{ seen(): string; close(): void }> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'connect');
  socket.write('MONITOR\r\n');
  await once(socket, 'data');
  return { seen: () => Buffer.concat(chunks).toString('latin1'), close: () => socket.destroy() };
}

async function startOwn(): Promise<TestRedis> {
  const port = await freePort();
  let server = await startServer(port);
  const lose = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  const restore = async (): Promise<void> => {
    server = await startServer(port);
  };
  return { url: `redis://127.0.0.1:${port}`, lose, restore, close: lose };
}

async function startServer(port: number): Promise<ChildProcess> {
  const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', flags, { stdio: 'ignore' });
  await until(async () => {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  });
  return server;
}

async function relayTo(given: string): Promise<TestRedis> {
  const target = new URL(given);
  const sockets = new Set<Socket>();
  const open = (port: number): Promise<Server> =>
    listen(port, (near) => {
      const far = connect(Number(target.port || '6379'), target.hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            near.destroy();
            far.destroy();
          });
      }
      near.pipe(far).pipe(near);
    });
  let relay = await open(0);
  const { port } = relay.address() as AddressInfo;
  const lose = async (): Promise<void> => {
    if (!relay.listening) return;
    const closed = once(relay, 'close');
    relay.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
  };
  const restore = async (): Promise<void> => {
    relay = await open(port);
  };
  const url = new URL(given);
  [url.hostname, url.port] = ['127.0.0.1', `${port}`];
  return { url: url.href, lose, restore, close: lose };
}

async function listen(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

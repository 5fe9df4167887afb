import { readFileSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { networkOf } from './caller-address.js';

const MOST = 10_000;
const MOST_OF_NETWORK = 2000;
/** Of the files that the process may open: the rest is for the database, for logs and for modules. */
const SHARE = 1 / 2;

interface ConnectionBounds {
  readonly all: number;
  readonly network: number;
}

/** What this process may have open. @param limits what Linux says of it, in `/proc/self/limits` */
export function connectionBounds(limits = readLimits()): ConnectionBounds {
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  const all = Math.max(1, Math.min(MOST, Math.floor(files * SHARE)));
  return { all, network: Math.max(1, Math.min(MOST_OF_NETWORK, Math.floor(all / 2))) };
}

/** Elsewhere there is no such file. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

interface Connection {
  readonly socket: Socket;
  readonly network: string;
  /** Until it is answered. */
  request: IncomingMessage | null;
}

/** The connections of each network, those that were quiet for longest first. */
class Connections {
  private readonly ofNetwork = new Map<string, Set<Connection>>();
  private total = 0;

  constructor(
    private readonly bounds: ConnectionBounds,
    private readonly isProxy: (address: string) => boolean,
  ) {}

  /** `null` when there is no room, and nobody to make it. */
  add(socket: Socket): Connection | null {
    const address = socket.remoteAddress ?? '';
    const network = networkOf(address);
    const own = this.ofNetwork.get(network) ?? new Set();
    const crowd = this.crowdAt(address, own);
    if (crowd !== null && !this.closeQuietest(crowd)) return null;
    const connection = { socket, network, request: null };
    this.ofNetwork.set(network, own.add(connection));
    this.total += 1;
    return connection;
  }

  /** Those of whom one has to go; `null` while there is room. */
  private crowdAt(address: string, own: ReadonlySet<Connection>): ReadonlySet<Connection> | null {
    if (own.size >= this.bounds.network && !this.isProxy(address)) return own;
    return this.total >= this.bounds.all ? this.largest() : null;
  }

  /** It is the one that was quiet for shortest from here on. */
  touch(connection: Connection): void {
    const own = this.ofNetwork.get(connection.network);
    if (own?.delete(connection) === true) own.add(connection);
  }

  remove(connection: Connection): void {
    const own = this.ofNetwork.get(connection.network);
    if (own?.delete(connection) !== true) return;
    this.total -= 1;
    if (own.size === 0) this.ofNetwork.delete(connection.network);
  }

  /** One on which nobody waits for an answer: no request has arrived on it whole. */
  private closeQuietest(connections: ReadonlySet<Connection>): boolean {
    for (const connection of connections) {
      if (connection.request?.complete === true) continue;
      connection.socket.destroy();
      this.remove(connection);
      return true;
    }
    return false;
  }

  private largest(): ReadonlySet<Connection> {
    let largest: ReadonlySet<Connection> = new Set();
    for (const own of this.ofNetwork.values()) if (own.size > largest.size) largest = own;
    return largest;
  }
}

/**
 * Bounds the connections, of which each takes a file: where a process has no more of those, nobody is let in. A connection
 * too many takes the place of a quiet one of its network, or is closed itself where all are answered.
 */
export function boundConnections(
  server: Server,
  isProxy: (address: string) => boolean,
  bounds = connectionBounds(),
): void {
  const connections = new Connections(bounds, isProxy);
  const bySocket = new WeakMap<Socket, Connection>();
  server.on('connection', (socket: Socket) => {
    const connection = connections.add(socket);
    if (connection === null) {
      socket.destroy();
      return;
    }
    bySocket.set(socket, connection);
    socket.once('close', () => {
      connections.remove(connection);
    });
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = bySocket.get(request.socket);
    if (connection === undefined) return;
    connection.request = request;
    response.once('close', () => {
      if (connection.request === request) connection.request = null;
      connections.touch(connection);
    });
  });
}

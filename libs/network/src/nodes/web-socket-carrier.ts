import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import { type Duplex } from 'node:stream';
import { type Clock } from '@musubi/messaging';
import { WebSocket, WebSocketServer } from 'ws';
import { type Carrier, type DialTarget, type Gate, type Listening } from './carrier.js';
import { clientAddress } from './client-address.js';
import { acceptInside, dialInside } from './inner-tls.js';
import { type NodeIdentity } from './node-identity.js';
import { HANDSHAKE_MS, type NodeTls, nodeTls } from './node-tls.js';
import { type SecureChannel } from './secure-channel.js';
import { MAX_MESSAGE_BYTES, streamOver } from './web-socket-stream.js';

interface WebSocketCarrierOptions {
  readonly identity: NodeIdentity;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Where a reverse proxy passes requests on to, in plain HTTP. Absent for a node that only dials. */
  readonly listenAt?: { readonly host: string; readonly port: number } | undefined;
  /** Whether to believe what an address so many hops away says of the one before it. */
  readonly trusts?: (address: string, hop: number) => boolean;
  /** Certificates that sign those of proxies, as PEM. Absent: the usual authorities. */
  readonly authorities?: string | undefined;
}

/** The one path at which nodes answer: an address cannot make this node ask a server for anything else. */
export const LINKS_PATH = '/v1/links';
const SUBPROTOCOL = 'musubi.1';
const CLOSE_MS = 2000;
const OPTIONS = {
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  autoPong: false,
  closeTimeout: CLOSE_MS,
} as const;

/** Connections that have not asked for anything yet are among them: whose they are shows only then. */
const MAX_CONNECTIONS = 4096;
const MAX_HEADER_BYTES = 8192;
const CHECK_MS = 500;

const TOO_MANY = 'HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/**
 * Reaches nodes behind HTTPS proxies. The proxy has the certificate of its name, and passes the WebSocket on. The link's
 * own TLS runs end to end inside: the proxy sees its bytes, and neither a key nor a word.
 */
export class WebSocketCarrier implements Carrier {
  readonly scheme = 'wss:';
  private readonly tls: NodeTls;
  private server: Server | undefined;

  constructor(private readonly options: WebSocketCarrierOptions) {
    this.tls = nodeTls(options.identity);
  }

  /** Where a proxy finds it; null unless it listens. */
  get port(): number | null {
    const address = this.server?.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  async dial({ address, node }: DialTarget, signal: AbortSignal): Promise<SecureChannel> {
    const { authorities: ca } = this.options;
    const socket = new WebSocket(`wss://${new URL(address).host}${LINKS_PATH}`, SUBPROTOCOL, {
      ...OPTIONS,
      ...(ca === undefined ? {} : { ca }),
    });
    socket.on('error', () => undefined);
    const outer = streamOver(socket);
    try {
      await once(socket, 'open', { signal });
      return await dialInside(outer, { tls: this.tls, node }, signal);
    } catch (error) {
      outer.destroy();
      throw error;
    }
  }

  async listen(gate: Gate, onChannel: (channel: SecureChannel) => void): Promise<Listening | null> {
    const { listenAt } = this.options;
    if (listenAt === undefined) return null;
    const waiting = new Set<Duplex>();
    const sockets = new WebSocketServer({ ...OPTIONS, noServer: true, clientTracking: false });
    const server = httpServer();
    server.on('upgrade', (request, raw, head) => {
      raw.on('error', () => undefined);
      const release = this.admit(request, raw, gate);
      if (release === null) return;
      waiting.add(raw);
      raw.once('close', release);
      raw.once('close', () => waiting.delete(raw));
      sockets.handleUpgrade(request, raw, head, (socket) => {
        void this.accept(socket, gate).then((channel) => {
          waiting.delete(raw);
          if (channel !== null) onChannel(channel);
        });
      });
    });
    server.listen(listenAt.port, listenAt.host);
    await once(server, 'listening');
    this.server = server;
    const close = (): void => {
      server.close();
      server.closeAllConnections();
      for (const raw of waiting) raw.destroy();
    };
    // Others dial the proxy: what it is called is known to the owner alone.
    return { address: null, close };
  }

  /** Before the WebSocket begins, and so before any cryptography. @returns null when it was refused */
  private admit(request: IncomingMessage, raw: Duplex, gate: Gate): (() => void) | null {
    if (request.url !== LINKS_PATH) {
      refuse(raw, NOT_FOUND);
      return null;
    }
    const release = gate.admit(clientAddress(request, this.options.trusts ?? trustsNobody));
    if (release === null) refuse(raw, TOO_MANY);
    return release;
  }

  private accept(socket: WebSocket, gate: Gate): Promise<SecureChannel | null> {
    return acceptInside(streamOver(socket), { gate, tls: this.tls, clock: this.options.clock });
  }
}

/** Nothing waits for the other side to end, which it may never do. */
function refuse(raw: Duplex, answer: string): void {
  raw.end(answer, () => raw.destroy());
}

const trustsNobody = (): boolean => false;

/** It answers nothing but upgrades. */
function httpServer(): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HANDSHAKE_MS,
      requestTimeout: HANDSHAKE_MS,
      connectionsCheckingInterval: CHECK_MS,
    },
    (_request, response) => {
      response.writeHead(426, { upgrade: 'websocket', connection: 'close' }).end();
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

import { keyedHash } from '@musubi/crypto';
import { type AgentFences, type Keyring } from '@musubi/cell';
import { type Clock, type Log } from '@musubi/messaging';
import { type RemoteCalls } from '@musubi/network';
import { type LinkedNetwork } from '@musubi/node/links';
import { type DataSource } from 'typeorm';
import { type Config } from '../config/config.js';
import { type LinkSettings } from '../config/node-settings.js';
import { trustedProxies } from '../config/trusted-proxies.js';
import { holdLinks } from './links-lock.js';

export interface LinkParts {
  readonly config: Pick<Config, 'databaseUrl' | 'proxyHops' | 'remoteCallTimeoutMs' | 'trustedProxies'>;
  readonly database: DataSource;
  readonly keyring: Keyring;
  readonly fences: AgentFences;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeSecret: Uint8Array;
}

/** Purposes for which a key is derived from the node's secret. The secret thus gives the node key. */
const NODE_KEY = 'musubi/node-key';
const RECORDS = 'musubi/agent-records';

/** This node's links to others, not open yet. */
export async function openLinks(
  { listenAt, webSocketsAt, addresses, bootstrap, isRelay }: LinkSettings,
  inner: RemoteCalls,
  { config, database, keyring, fences, clock, log, nodeSecret }: LinkParts,
): Promise<LinkedNetwork> {
  // Only here: most services are alone.
  const [{ parseBootstrap }, nodes, { LinkedNetwork }] = await Promise.all([
    import('@musubi/membership'),
    import('@musubi/network/nodes'),
    import('@musubi/node/links'),
  ]);
  const { NodeIdentity, RelayCarrier, RelayServer, TcpCarrier, WebSocketCarrier } = nodes;
  const identity = NodeIdentity.fromSeed(keyedHash(nodeSecret, NODE_KEY));
  const random = (): number => Math.random();
  const relayCarrier = new RelayCarrier({ identity, clock, random });
  const relay = isRelay ? new RelayServer({ clock }) : undefined;
  return new LinkedNetwork({
    database,
    identity,
    carriers: [
      new TcpCarrier({ identity, clock, listenAt, relay }),
      new WebSocketCarrier({ identity, clock, listenAt: webSocketsAt, trusts: trustedProxies(config) }),
      relayCarrier,
    ],
    isRelay,
    relayCarrier,
    addresses,
    bootstrap: bootstrap.map(parseBootstrap),
    recordSecret: keyedHash(nodeSecret, RECORDS),
    inner,
    presence: keyring,
    fences,
    signer: { sign: (agent, bytes) => keyring.keysOf(agent).sign(bytes) },
    clock,
    random,
    log,
    callTimeoutMs: config.remoteCallTimeoutMs,
    // The embedded database has one process anyway.
    hold: config.databaseUrl === undefined ? undefined : () => holdLinks(database, clock),
  });
}

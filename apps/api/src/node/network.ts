import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { InProcessRemoteCalls, InProcessSignals, type RemoteCalls, type Signals } from '@musubi/network';
import { type LinkedNetwork } from '@musubi/node/links';
import { type Config } from '../config/config.js';
import { type LinkParts, openLinks } from './links.js';
import { makeRedisSeal } from './redis-seal.js';

const ID_BYTES = 16;

type RedisState = 'unused' | 'connected' | 'away';

/** How the agents of this process reach others, and are reached. */
export interface ServiceNetwork {
  readonly calls: RemoteCalls;
  readonly signals: Signals;
  /** The agent came online here: other processes may call it, and nodes that wait for it are told. */
  announce(agent: AgentPubKey): void;
  /** The agent went offline here. */
  withdraw(agent: AgentPubKey): void;
  /** Which of the agents are online in some process of the node. */
  onlineAmong(agents: readonly AgentPubKey[]): Promise<ReadonlySet<AgentPubKey>>;
  redisState(): RedisState;
  /** Calls back whenever the way to the other processes is there again. */
  whenBack(callback: () => void): void;
  /** To other nodes; `null` when this one is alone. */
  readonly links: LinkedNetwork | null;
  close(): Promise<void>;
}

interface NetworkParts extends LinkParts {
  readonly config: Config;
}

/** Within this process; with REDIS_URL, among all processes of the node; with links, among nodes. */
export async function openNetwork(parts: NetworkParts): Promise<ServiceNetwork> {
  const { config, keyring: presence, clock } = parts;
  const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs: config.remoteCallTimeoutMs });
  if (config.redisUrl !== undefined) return networkThrough(config.redisUrl, inner, parts);
  const links = config.links === null ? null : await openLinks(config.links, inner, parts);
  return {
    calls: links?.calls ?? inner,
    links,
    signals: new InProcessSignals(),
    announce: (agent) => links?.announce(agent),
    withdraw: () => undefined,
    onlineAmong: (agents) => Promise.resolve(new Set(agents.filter((agent) => presence.isOnline(agent)))),
    redisState: () => 'unused',
    whenBack: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** Does not wait for Redis: a service without it is degraded, not stopped. */
async function networkThrough(url: string, inner: RemoteCalls, parts: NetworkParts): Promise<ServiceNetwork> {
  // Only here: the client takes some 15 MiB, and most services have no Redis.
  const { RedisLink, RedisRemoteCalls, RedisSignals } = await import('@musubi/network/redis');
  const { config, keyring: presence, clock, log, nodeSecret } = parts;
  const link = new RedisLink({ url, seal: makeRedisSeal(nodeSecret), log });
  const timeoutMs = config.remoteCallTimeoutMs;
  const calls = new RedisRemoteCalls({ inner, presence, link, clock, timeoutMs, newId });
  link.open();
  return {
    calls,
    signals: new RedisSignals(link, newId()),
    announce: (agent) => {
      calls.announce(agent);
    },
    withdraw: (agent) => {
      calls.withdraw(agent);
    },
    onlineAmong: (agents) => calls.onlineAmong(agents),
    links: null,
    redisState: () => (link.isUp ? 'connected' : 'away'),
    whenBack: (callback) => {
      link.whenBack(callback);
    },
    close: () => {
      link.close();
      return Promise.resolve();
    },
  };
}

function newId(): string {
  return toBase64Url(randomBytes(ID_BYTES));
}

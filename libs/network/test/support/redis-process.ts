import { randomUUID } from 'node:crypto';
import { type AgentPubKey, type Log, SystemClock } from '@musubi/messaging';
import { InProcessRemoteCalls } from '@musubi/network';
import { RedisLink, RedisRemoteCalls, type RedisSeal, RedisSignals } from '@musubi/network/redis';

/** Bytes as they are, marked with the node's secret: a test can read them, and another node not open them. */
function plainSeal(secret: string, names: string): RedisSeal {
  return {
    channelOf: (topic) => `${names}:${topic}`,
    seal: (channel, plaintext) => Buffer.concat([Buffer.from(secret + channel), plaintext]),
    open: (channel, sealed) => {
      const mark = Buffer.from(secret + channel);
      return Buffer.compare(mark, sealed.subarray(0, mark.length)) === 0
        ? sealed.subarray(mark.length)
        : null;
    },
  };
}

/** What one process of a node has of the network. */
export interface RedisProcess {
  readonly online: Set<AgentPubKey>;
  readonly link: RedisLink;
  readonly signals: RedisSignals;
  readonly calls: RedisRemoteCalls;
  /** The events of the log. */
  readonly logged: readonly string[];
  /** Brings an agent online in this process. */
  welcome(agent: AgentPubKey): void;
}

interface RedisProcessOptions {
  readonly url: string;
  readonly secret: string;
  /** What channels are named after: the secret, but for a stranger who knows the names. */
  readonly names?: string;
  readonly timeoutMs?: number | undefined;
}

export function openRedisProcess(options: RedisProcessOptions): RedisProcess {
  const { url, secret, names = secret, timeoutMs = 5000 } = options;
  const logged: string[] = [];
  const log: Log = { warn: (event) => logged.push(event) };
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const online = new Set<AgentPubKey>();
  const presence = { isOnline: (agent: AgentPubKey) => online.has(agent) };
  const link = new RedisLink({ url, seal: plainSeal(secret, names), log });
  const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs });
  const calls = new RedisRemoteCalls({ inner, presence, link, clock, timeoutMs, newId: randomUUID });
  link.open();
  const welcome = (agent: AgentPubKey): void => {
    online.add(agent);
    calls.announce(agent);
  };
  return { online, link, signals: new RedisSignals(link, randomUUID()), calls, logged, welcome };
}

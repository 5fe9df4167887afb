import { type SignKeyPair } from '@musubi/crypto';
import { type AgentPubKey, type Clock, SystemClock, silentLog } from '@musubi/messaging';
import { InProcessRemoteCalls } from '@musubi/network';
import {
  type Carrier,
  type LinkLimits,
  type NodeIdentity,
  NodeLinks,
  type NodePlace,
  NodeRemoteCalls,
  TcpCarrier,
} from '@musubi/network/nodes';
import { type TestAgent, agentFromSeed, identityFromSeed, signerOf } from './sim-nodes.js';

export interface TlsNode {
  readonly identity: NodeIdentity;
  readonly home: TestAgent;
  readonly unlocked: Map<AgentPubKey, SignKeyPair>;
  readonly place: NodePlace;
  readonly links: NodeLinks;
  readonly calls: NodeRemoteCalls;
}

export interface TlsNodeOptions {
  readonly number: number;
  readonly book: ReadonlyMap<AgentPubKey, NodePlace>;
  readonly clock?: Clock;
  readonly limits?: LinkLimits;
  readonly timeoutMs?: number;
  readonly host?: string;
  /** Instead of TCP on the loopback interface. */
  readonly carrierOf?: (identity: NodeIdentity, clock: Clock) => Carrier;
  /** What others dial, where the carrier does not know. */
  readonly addresses?: readonly string[];
}

export const systemClock = (): Clock => new SystemClock(() => performance.timeOrigin + performance.now());

/** A node with one agent, which listens on the loopback interface. */
export async function openTlsNode(options: TlsNodeOptions): Promise<TlsNode> {
  const { book, clock = systemClock(), host = '127.0.0.1', limits, number, timeoutMs = 20_000 } = options;
  const identity = identityFromSeed(number);
  const home = agentFromSeed(number);
  const unlocked = new Map([[home.agent, home.keys]]);
  const presence = { isOnline: (agent: AgentPubKey) => unlocked.has(agent) };
  const { addresses, carrierOf } = options;
  const carrier =
    carrierOf?.(identity, clock) ?? new TcpCarrier({ identity, clock, listenAt: { host, port: 0 } });
  const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs });
  const links = new NodeLinks({
    self: identity.key,
    carriers: [carrier],
    clock,
    random: () => 0,
    signer: signerOf(unlocked),
    serve: (call) => inner.call(call),
    log: silentLog,
    callTimeoutMs: timeoutMs,
    ...(limits === undefined ? {} : { limits }),
  });
  const whereabouts = { nodeOf: (agent: AgentPubKey) => Promise.resolve(book.get(agent)) };
  const calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links });
  const found = await links.open();
  return {
    identity,
    home,
    unlocked,
    links,
    calls,
    place: { node: identity.key, addresses: addresses ?? found },
  };
}

import { type SignKeyPair, fromBase64Url, sign, signKeyPairFromSeed, toBase64Url } from '@musubi/crypto';
import { AgentOfflineError, type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { InProcessRemoteCalls, type RemoteCall } from '@musubi/network';
import {
  type AgentSigner,
  type Carrier,
  type LinkLimits,
  NO_SERVICE,
  NodeIdentity,
  NodeLinks,
  type NodePlace,
  NodeRemoteCalls,
  type PeerService,
  SimClock,
  SimNetwork,
  type SimNetworkOptions,
} from '@musubi/network/nodes';
import { SeededRandom } from '@musubi/observers';

export const FN = 'test/echo';
export const TIMEOUT_MS = 5000;

/** 2³² divided by the golden ratio: spreads integers over all 32 bits (Knuth). */
const GOLDEN_RATIO = 0x9e3779b1;

/** A number in [0, 1) each time, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  // Its first numbers are alike for seeds that are alike.
  const random = new SeededRandom(Math.imul(seed, GOLDEN_RATIO));
  for (let skipped = 0; skipped < 20; skipped += 1) random.float();
  return () => random.float();
}

export interface TestAgent {
  readonly agent: AgentPubKey;
  readonly keys: SignKeyPair;
}

const agents = new Map<number, TestAgent>();
const identities = new Map<number, NodeIdentity>();

/** Always the same, and made once: thousands of worlds use the first ones. */
export function agentFromSeed(seed: number): TestAgent {
  const made = agents.get(seed) ?? makeAgent(seed);
  agents.set(seed, made);
  return made;
}

export function identityFromSeed(seed: number): NodeIdentity {
  const made = identities.get(seed) ?? NodeIdentity.fromSeed(Buffer.alloc(32, `node ${seed} `));
  identities.set(seed, made);
  return made;
}

function makeAgent(seed: number): TestAgent {
  const keys = signKeyPairFromSeed(Buffer.alloc(32, `agent ${seed} `));
  return { keys, agent: parseAgentPubKey(toBase64Url(keys.publicKey)) };
}

/** A node with one agent, as far as the network is concerned. */
export interface SimNode {
  readonly name: string;
  readonly identity: NodeIdentity;
  readonly place: NodePlace;
  readonly home: TestAgent;
  /** The agents whose keys are unlocked here. */
  readonly unlocked: Map<AgentPubKey, SignKeyPair>;
  readonly links: NodeLinks;
  readonly calls: NodeRemoteCalls;
  /** What the node's functions were asked. */
  readonly served: RemoteCall[];
  readonly logged: string[];
}

interface SimWorldOptions extends Partial<Pick<SimNetworkOptions, 'weather' | 'cutOf'>> {
  readonly seed?: number;
  readonly limits?: LinkLimits;
  /** Of every node. */
  readonly service?: PeerService;
}

export function signerOf(unlocked: ReadonlyMap<AgentPubKey, SignKeyPair>): AgentSigner {
  return {
    sign: (agent, bytes) => {
      const keys = unlocked.get(agent);
      if (keys === undefined) throw new AgentOfflineError('locked');
      return sign(bytes, keys.secretKey);
    },
  };
}

/** Nodes on a simulated network, whose address book is right until a test changes it. */
export class SimWorld {
  readonly clock = new SimClock();
  readonly random: () => number;
  readonly network: SimNetwork;
  readonly book = new Map<AgentPubKey, NodePlace>();
  private readonly limits: LinkLimits | undefined;
  private readonly service: PeerService;

  constructor({ limits, seed = 1, service = NO_SERVICE, ...options }: SimWorldOptions = {}) {
    this.limits = limits;
    this.service = service;
    this.random = seededRandom(seed);
    this.network = new SimNetwork({ clock: this.clock, random: this.random, ...options });
  }

  async node(number: number): Promise<SimNode> {
    const name = `n${number}`;
    const identity = identityFromSeed(number);
    const home = agentFromSeed(number);
    const unlocked = new Map([[home.agent, home.keys]]);
    const presence = { isOnline: (agent: AgentPubKey) => unlocked.has(agent) };
    const { clock, random } = this;
    const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs: TIMEOUT_MS });
    const logged: string[] = [];
    const links = new NodeLinks({
      self: identity.key,
      carriers: [this.network.carrier(name, identity.key)],
      clock,
      random,
      signer: signerOf(unlocked),
      serve: (call) => inner.call(call),
      log: { warn: (event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`) },
      callTimeoutMs: TIMEOUT_MS,
      ...(this.limits === undefined ? {} : { limits: this.limits }),
    });
    links.attach(this.service);
    const whereabouts = { nodeOf: (agent: AgentPubKey) => Promise.resolve(this.book.get(agent)) };
    const calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links });
    const place = { node: identity.key, addresses: await links.open() };
    this.book.set(home.agent, place);
    return { name, identity, place, home, unlocked, links, calls, served: [], logged };
  }

  async nodes(count: number): Promise<SimNode[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.node(index + 1)));
  }

  /** The node answers calls with what they bring. */
  echo(node: SimNode): void {
    node.calls.serve(FN, (call) => {
      node.served.push(call);
      return Promise.resolve(call.payload);
    });
  }

  /** A party that speaks to the node by hand, with a node key of its own. */
  stranger(name = 'stranger'): { readonly identity: NodeIdentity; readonly carrier: Carrier } {
    const identity = NodeIdentity.fromSeed(Buffer.alloc(32, name));
    return { identity, carrier: this.network.carrier(name, identity.key) };
  }
}

export function callBetween(
  from: SimNode,
  to: SimNode,
  payload: Uint8Array = Uint8Array.of(1, 2, 3),
): RemoteCall {
  return { from: from.home.agent, to: to.home.agent, fn: FN, payload };
}

/** Whether the first of the two keys is the lower one. */
export function isLower(one: SimNode, other: SimNode): boolean {
  return Buffer.compare(fromBase64Url(one.identity.key), fromBase64Url(other.identity.key)) < 0;
}

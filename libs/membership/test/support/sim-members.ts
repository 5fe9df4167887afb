import { type AgentKeys } from '@musubi/crypto';
import { AgentOfflineError, type AgentPubKey } from '@musubi/messaging';
import { InProcessRemoteCalls, type RemoteCall, type RemoteCallOutcome } from '@musubi/network';
import {
  type AgentSigner,
  type Carrier,
  NodeIdentity,
  type NodeKey,
  NodeLinks,
  NodeRemoteCalls,
  SimClock,
  SimNetwork,
  type SimWeather,
} from '@musubi/network/nodes';
import { SeededRandom } from '@musubi/observers';
import {
  type BootstrapNode,
  Membership,
  type MembershipStores,
  type StoreLimits,
  StoredWhereabouts,
} from '@musubi/membership';
import { agentNumber, nodeNumber } from './people.js';
import { ROOMY, inMemoryHarness } from './stores.js';

export const FN = 'test/number';
const TIMEOUT_MS = 5000;

/** A node of a simulated network with its membership. Its function says the node's number. */
export interface Member {
  readonly number: number;
  readonly name: string;
  readonly key: NodeKey;
  readonly identity: NodeIdentity;
  readonly stores: MembershipStores;
  readonly links: NodeLinks;
  readonly membership: Membership;
  readonly calls: NodeRemoteCalls;
  readonly unlocked: Map<AgentPubKey, AgentKeys>;
  readonly served: RemoteCall[];
  /** What the hooks were told. */
  readonly heard: NodeKey[];
  readonly told: AgentPubKey[];
  readonly back: AgentPubKey[];
  readonly moved: (readonly [AgentPubKey, NodeKey])[];
  readonly logged: string[];
  stop(): Promise<void>;
}

interface MemberOptions {
  readonly bootstrap?: readonly BootstrapNode[];
  /** Numbers of the agents that are unlocked here; the node's own number by default. */
  readonly agents?: readonly number[];
  /** Of a node that was here before. */
  readonly stores?: MembershipStores;
  readonly limits?: StoreLimits;
  /** Whether others are told where to dial it. */
  readonly isHidden?: boolean;
}

export class SimMembers {
  readonly clock = new SimClock();
  readonly network: SimNetwork;
  private readonly random: () => number;

  constructor({ seed = 1, weather = {} }: { seed?: number; weather?: Partial<SimWeather> } = {}) {
    const random = new SeededRandom(seed * 7919);
    this.random = () => random.float();
    this.network = new SimNetwork({ clock: this.clock, random: this.random, weather });
  }

  async member(number: number, options: MemberOptions = {}): Promise<Member> {
    const { agents = [number], bootstrap = [], isHidden = false, limits = ROOMY } = options;
    const identity = nodeNumber(number);
    const name = `n${number}`;
    const stores: MembershipStores = options.stores ?? (await inMemoryHarness(identity.key)).open(limits);
    const unlocked = new Map(agents.map((agent) => [agentNumber(agent).agent, agentNumber(agent)]));
    const notes = {
      served: [] as RemoteCall[],
      heard: [] as NodeKey[],
      told: [] as AgentPubKey[],
      back: [] as AgentPubKey[],
      moved: [] as (readonly [AgentPubKey, NodeKey])[],
      logged: [] as string[],
    };
    const { clock, random } = this;
    const log = { warn: (event: string) => void notes.logged.push(event) };
    const presence = { isOnline: (agent: AgentPubKey) => unlocked.has(agent) };
    const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs: TIMEOUT_MS });
    const signer: AgentSigner = { sign: (agent, bytes) => signed(unlocked.get(agent), bytes) };
    const links = new NodeLinks({
      self: identity.key,
      carriers: [this.network.carrier(name, identity.key)],
      clock,
      random,
      signer,
      serve: (call) => inner.call(call),
      log,
      callTimeoutMs: TIMEOUT_MS,
    });
    const membership = new Membership({
      ...{ identity, links, stores, clock, random, log, signer, bootstrap },
      onHeard: (node) => notes.heard.push(node),
      onRecord: (agent) => notes.told.push(agent),
      onBack: (agent) => notes.back.push(agent),
      onMoved: (agent, node) => notes.moved.push([agent, node]),
    });
    const whereabouts = new StoredWhereabouts(stores);
    const calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links });
    calls.serve(FN, (call) => {
      notes.served.push(call);
      return Promise.resolve(Uint8Array.of(number));
    });
    const addresses = await links.open();
    await membership.start({ addresses: isHidden ? [] : addresses });
    const stop = async (): Promise<void> => {
      const stopping = membership.stop();
      await this.clock.run(Promise.all([stopping, links.close()]));
    };
    return {
      number,
      name,
      key: identity.key,
      identity,
      stores,
      links,
      membership,
      calls,
      unlocked,
      ...notes,
      stop,
    };
  }

  /** Number 1, and others that know only its address. */
  async star(count: number): Promise<Member[]> {
    const first = await this.member(1);
    const others = Array.from({ length: count - 1 }, (_, index) => index + 2);
    return [
      first,
      ...(await Promise.all(others.map((number) => this.member(number, { bootstrap: [at(1)] })))),
    ];
  }

  call(from: Member, agent: number): Promise<RemoteCallOutcome> {
    const call = {
      from: agentNumber(from.number).agent,
      to: agentNumber(agent).agent,
      fn: FN,
      payload: new Uint8Array(),
    };
    return this.clock.run(from.calls.call(call));
  }

  /** Gives the card of an agent to another node's owner. */
  async giveCard(from: Member, to: Member, agent = from.number): Promise<void> {
    const card = await from.membership.cardOf(agentNumber(agent).agent);
    if (card === undefined) throw new Error('a card');
    await to.membership.take(agentNumber(to.number).agent, card);
  }

  /** Lets time pass until it is so. @throws Error after so long */
  async until(isSo: () => Promise<boolean> | boolean, ms = 600_000): Promise<number> {
    const began = this.clock.elapsedMs;
    while (!(await isSo())) {
      if (this.clock.elapsedMs - began > ms) throw new Error(`not so within ${ms} ms`);
      await this.clock.advance(100);
    }
    return this.clock.elapsedMs - began;
  }

  /** A party with a node key of its own. */
  stranger(name: string): { readonly identity: NodeIdentity; readonly carrier: Carrier } {
    const identity = NodeIdentity.fromSeed(Buffer.alloc(32, name));
    return { identity, carrier: this.network.carrier(name, identity.key) };
  }
}

function signed(keys: AgentKeys | undefined, bytes: Uint8Array): Uint8Array {
  if (keys === undefined) throw new AgentOfflineError('locked');
  return keys.sign(bytes);
}

/** An address whose node is not known. */
export function at(number: number): BootstrapNode {
  return { address: `sim://n${number}`, node: null };
}

/** The nodes that a member has records of. */
export async function knownTo({ stores }: Member): Promise<ReadonlySet<NodeKey>> {
  const listed = await stores.peers.list(null, 1000);
  return new Set(listed.map(({ record }) => record.content.node));
}

import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { type CommitFaultRule } from '@musubi/cell';
import { type AgentKeys, toBase64Url } from '@musubi/crypto';
import { AgentOfflineError, type AgentPubKey, type MessageDraft, parseNonce } from '@musubi/messaging';
import { FaultPlan, type NetworkFaultRule, type RemoteCalls } from '@musubi/network';
import {
  SimClock,
  type SimCut,
  SimNetwork,
  type SimNetworkOptions,
  type SimWeather,
} from '@musubi/network/nodes';
import { type DeliveryNode } from '@musubi/testing';
import { type DataSource } from 'typeorm';
import { NodeDiedError } from '../node-died.js';
import { type Observation, observe } from '../observation.js';
import { type ModelledSystem } from '../modelled-system.js';
import { type Premises } from '../premises.js';
import { fraction, seededBytes } from '../seeded-bytes.js';
import { LinkedHome, type PlantedInNodes, type Surroundings } from './linked-home.js';
import { SimulatedClock } from './simulated-clock.js';

interface LinkedNodesOptions extends Pick<SimNetworkOptions, 'cutOf' | 'watch'> {
  /** One for each node. */
  readonly premises: readonly Premises[];
  readonly agents: number;
  readonly seed: number;
  readonly weather: Partial<SimWeather>;
  readonly planted?: PlantedInNodes;
  readonly watched?: (calls: RemoteCalls) => RemoteCalls;
}

/** How connections end that begin from now on. */
export interface Storm {
  /** The share of those that are cut. */
  readonly share: number;
  /** Some byte up to this one is the last. */
  readonly bytes: number;
  readonly how: SimCut['how'];
}

const CALM: Storm = { share: 0, bytes: 0, how: 'reset' };
/** A day in 2023. */
const BEGINNING_MS = 1_700_000_000_000;
/** Nothing that an agent does takes longer: two dials, two calls, and whatever is sent again. */
const LONGEST_MS = 600_000;
/** What nobody waits for may need some turns of the event loop. */
const QUIET_TURNS = 3;
/**
 * Less than the longest wait between two attempts, which is 5 minutes and 19 s. A dead link is noticed after 45 s, and a
 * node that could not be dialled is dialled again after a minute at most. What waits for a node leaves when that is heard
 * from, and what waits for an agent when its node gives notice that it has signed in.
 */
const WAITS_S = [5, 25, 60, 30, 30, 30, 30] as const;
const NONCE_BYTES = 16;

/** Agents on several nodes, whose links can be cut and whose processes can end. One agent after another has its turn. */
export class LinkedNodes implements ModelledSystem {
  readonly waitsS = WAITS_S;
  readonly keys = new Map<AgentPubKey, AgentKeys>();
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly network: SimNetwork;
  readonly homes: readonly LinkedHome[];
  storm = CALM;
  private readonly time = new SimClock(() => this.whenQuiet());
  private readonly homeOfAgent = new Map<AgentPubKey, LinkedHome>();
  private readonly surroundings: Surroundings;

  private constructor({ planted = {}, premises, seed, watched = same, ...wire }: LinkedNodesOptions) {
    const random = seededBytes(seed);
    const draw = (): number => fraction(random);
    this.faults = new FaultPlan(draw);
    this.commitFaults = new FaultPlan(draw);
    const cutOf = wire.cutOf ?? ((): SimCut | undefined => this.cutFrom(draw));
    // Draws of its own: what connections do depends on nothing but connections.
    const chance = seededBytes(seed + 1);
    const clock = new SimulatedClock(this.time);
    this.network = new SimNetwork({ clock, random: () => fraction(chance), ...wire, cutOf });
    const { commitFaults, faults, keys, network } = this;
    const common = { clock, network, random, fraction: draw, keys, faults, commitFaults };
    this.surroundings = { ...common, planted, watched };
    this.homes = premises.map((place, index) => new LinkedHome(`n${index}`, place, this.surroundings));
  }

  /** Everybody is online, and has everybody's card. */
  static async open(options: LinkedNodesOptions): Promise<LinkedNodes> {
    await Promise.all(options.premises.map((premises) => premises.clear()));
    const system = new LinkedNodes(options);
    await system.time.advance(BEGINNING_MS);
    for (const home of system.homes) await home.start();
    for (let count = 0; count < options.agents; count += 1) await system.settle(count);
    for (const agent of system.keys.keys()) await system.introduce(agent);
    return system;
  }

  get residents(): readonly AgentPubKey[] {
    return this.homes.flatMap((home) => this.agentsOf(home).slice(0, 1));
  }

  agentsOf(home: LinkedHome): readonly AgentPubKey[] {
    return [...this.homeOfAgent].filter(([, other]) => other === home).map(([agent]) => agent);
  }

  draft(author: AgentPubKey, recipient: AgentPubKey): MessageDraft {
    const { clock, random } = this.surroundings;
    const nonce = parseNonce(toBase64Url(random(NONCE_BYTES)));
    const payload = { type: 'text', text: 'hello' } as const;
    return { author, recipient, payload, replyTo: null, sentAt: clock.now(), nonce };
  }

  async within<Result>(agent: AgentPubKey, work: (node: DeliveryNode) => Promise<Result>): Promise<Result> {
    const { isDown, running: life } = this.homeOf(agent);
    if (life === undefined && isDown) throw new AgentOfflineError('its node is down');
    // Nobody stopped it, and it has not come back yet.
    if (life === undefined) throw new NodeDiedError('the node died');
    return this.time.run(Promise.race([life.died, work(life.node)]), LONGEST_MS);
  }

  isUp(agent: AgentPubKey): boolean {
    return !this.homeOf(agent).isDown;
  }

  online(): readonly AgentPubKey[] {
    return this.homes.flatMap(({ running }) => running?.node.keyring.online() ?? []);
  }

  databaseOf(agent: AgentPubKey): DataSource {
    return this.homeOf(agent).premises.database.dataSource;
  }

  async observe(): Promise<Observation> {
    const seen = await Promise.all(
      this.homes.map((home) => {
        const own = this.agentsOf(home).map((agent) => [agent, this.keysOf(agent)] as const);
        return observe(home.premises.database.dataSource, new Map(own));
      }),
    );
    return {
      holdings: seen.flatMap(({ holdings }) => holdings),
      chains: seen.flatMap(({ chains }) => chains),
      outbox: new Map(seen.flatMap(({ outbox }) => [...outbox])),
      published: new Set(seen.flatMap(({ published }) => [...published])),
    };
  }

  advance(seconds: number): Promise<void> {
    return this.time.advance(seconds * 1000);
  }

  /** Lets so much time pass while others act. */
  pause(ms: number): Promise<void> {
    return this.time.run(this.time.sleep(ms));
  }

  stop(home: LinkedHome): Promise<void> {
    return this.time.run(home.stop(), LONGEST_MS);
  }

  async heal(): Promise<number> {
    this.storm = CALM;
    this.faults.set([]);
    this.commitFaults.set([]);
    for (const { name: from } of this.homes) {
      this.network.thaw(from);
      for (const { name: to } of this.homes) this.network.mend({ from, to });
    }
    for (const home of this.homes) if (home.isDown) await home.start();
    // What faults have kept back here, no other node can give notice of.
    for (const { running } of this.homes) void running?.node.delivery.hastenAll();
    return 0;
  }

  async whenIdle(): Promise<boolean> {
    let hasDied = false;
    for (;;) {
      await this.whenQuiet();
      const recovered = await Promise.all(this.homes.map((home) => home.recover()));
      if (!recovered.includes(true)) return hasDied;
      hasDied = true;
    }
  }

  async close(): Promise<void> {
    for (const home of this.homes) home.kill('reset');
    await this.whenQuiet();
    for (const home of this.homes) {
      home.isDown = true;
      await home.recover();
    }
  }

  private async settle(count: number): Promise<void> {
    const home = this.homes[count % this.homes.length];
    const node = home?.running?.node;
    if (home === undefined || node === undefined) throw new Error('no node runs');
    const agent = await node.newAgent();
    this.keys.set(agent, node.keyring.keysOf(agent));
    this.homeOfAgent.set(agent, home);
  }

  private async introduce(agent: AgentPubKey): Promise<void> {
    const home = this.homeOf(agent);
    const card = await home.running?.links.cardOf(agent);
    if (card === undefined) throw new Error('no card');
    for (const other of this.homes) if (other !== home) await other.running?.links.take(agent, card);
  }

  /** Until no node waits for its database, and only time moves things on. */
  private async whenQuiet(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      await turn();
      while (this.homes.some(({ premises }) => premises.isBusy)) {
        quiet = 0;
        await sleep(0);
      }
    }
  }

  private cutFrom(draw: () => number): SimCut | undefined {
    const { bytes, how, share } = this.storm;
    if (draw() >= share) return undefined;
    const direction = draw() < 0.5 ? 'to-listener' : 'to-dialler';
    return { direction, afterBytes: Math.floor(draw() * bytes), how };
  }

  private homeOf(agent: AgentPubKey): LinkedHome {
    const home = this.homeOfAgent.get(agent);
    if (home === undefined) throw new Error('no such agent');
    return home;
  }

  private keysOf(agent: AgentPubKey): AgentKeys {
    const keys = this.keys.get(agent);
    if (keys === undefined) throw new Error('no such agent');
    return keys;
  }
}

function same(calls: RemoteCalls): RemoteCalls {
  return calls;
}

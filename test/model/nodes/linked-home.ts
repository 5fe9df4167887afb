import { AgentFences, type CommitFaultRule, type Keyring } from '@musubi/cell';
import { type AgentKeys, type RandomBytes, hash } from '@musubi/crypto';
import {
  type FaultPlan,
  InProcessRemoteCalls,
  InProcessSignals,
  type NetworkFaultRule,
  type RemoteCalls,
} from '@musubi/network';
import { type AgentPubKey } from '@musubi/messaging';
import { NodeIdentity, type SimCut, type SimNetwork } from '@musubi/network/nodes';
import { LinkedNetwork } from '@musubi/node/links';
import { DeliveryNode } from '@musubi/testing';
import { type Planted } from '../lone-node.js';
import { NodeDiedError } from '../node-died.js';
import { type Premises } from '../premises.js';
import { type SimulatedClock } from './simulated-clock.js';

/** Parts of the product in which a defect was planted. */
export type PlantedInNodes = Pick<Planted, 'afterDeath' | 'instead' | 'makeOutbox'>;

/** What the nodes of one simulation share. */
export interface Surroundings {
  readonly clock: SimulatedClock;
  readonly network: SimNetwork;
  readonly random: RandomBytes;
  readonly keys: ReadonlyMap<AgentPubKey, AgentKeys>;
  /** A number in [0, 1). */
  readonly fraction: () => number;
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly planted: PlantedInNodes;
  /** Calls as a node makes them, with somebody who watches. */
  readonly watched: (calls: RemoteCalls) => RemoteCalls;
}

/** A process of the node. */
interface Life {
  readonly node: DeliveryNode;
  readonly links: LinkedNetwork;
  readonly died: Promise<never>;
  readonly die: () => void;
}

/** As in the service. */
const CALL_TIMEOUT_MS = 10_000;
const STOP_MS = 1000;
/** Mailboxes are not used here. */
const MAILBOX_POLL_MS = 365 * 86_400_000;

const encoder = new TextEncoder();

/** One node: its key and its database, and its process while there is one. */
export class LinkedHome {
  private life: Life | undefined;
  private dying: Promise<void> | undefined;
  /** Somebody has stopped or killed it, and it starts when somebody starts it. */
  isDown = true;

  constructor(
    readonly name: string,
    readonly premises: Premises,
    private readonly surroundings: Surroundings,
  ) {}

  get running(): Life | undefined {
    return this.life;
  }

  async start(): Promise<void> {
    const { planted } = this.surroundings;
    if (this.dying !== undefined) {
      await this.dying;
      await planted.afterDeath?.(this.premises.db);
    }
    this.dying = undefined;
    const crash = (): Promise<never> => {
      this.kill('reset');
      return new Promise(() => undefined);
    };
    let links: LinkedNetwork | undefined;
    const node = await DeliveryNode.start({
      ...this.surroundings,
      ...planted,
      ...{ database: this.premises.database, db: this.premises.db, crash },
      ...{ callTimeoutMs: CALL_TIMEOUT_MS, mailboxPollMs: MAILBOX_POLL_MS },
      network: (keyring) => {
        links = this.linksOf(keyring);
        const calls = this.surroundings.watched(links.calls);
        return { calls, signals: new InProcessSignals(), announce: (agent) => links?.announce(agent) };
      },
    });
    if (links === undefined) throw new Error('the node has no links');
    await links.open((agents) => void node.delivery.hasten(...agents));
    // As when a worker starts.
    void node.delivery.hastenAll();
    this.life = { node, links, ...mortality() };
    this.isDown = false;
  }

  /** The process ends in the middle of whatever it does. `half-open`: its machine as well, and nobody hears of it. */
  kill(how: SimCut['how']): void {
    const { life } = this;
    if (life === undefined) return;
    this.life = undefined;
    life.die();
    this.surroundings.network.crash(this.name, how);
    void life.links.close(0).catch(() => undefined);
    this.dying = this.premises.cut();
    void life.node.stop().catch(() => undefined);
  }

  /** The process ends as when it is asked to. */
  async stop(): Promise<void> {
    const { life } = this;
    if (life === undefined) return;
    this.life = undefined;
    this.isDown = true;
    await Promise.all([life.links.close(STOP_MS), life.node.delivery.stop()]);
    await life.node.stop();
    life.die();
    this.dying = this.premises.cut();
  }

  /** Starts it again when it died by itself. @returns whether it had */
  async recover(): Promise<boolean> {
    await this.dying;
    if (this.life !== undefined || this.isDown) return false;
    await this.start();
    return true;
  }

  private linksOf(keyring: Keyring): LinkedNetwork {
    const { clock, fraction, network } = this.surroundings;
    const identity = NodeIdentity.fromSeed(hash('musubi/model/node', encoder.encode(this.name)));
    return new LinkedNetwork({
      database: this.premises.db,
      identity,
      carriers: [network.carrier(this.name, identity.key)],
      addresses: [],
      bootstrap: [],
      recordSecret: hash('musubi/model/records', encoder.encode(this.name)),
      inner: new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs: CALL_TIMEOUT_MS }),
      presence: keyring,
      fences: new AgentFences(this.premises.db),
      signer: { sign: (agent, bytes) => keyring.keysOf(agent).sign(bytes) },
      clock,
      random: fraction,
      log: { warn: () => undefined },
      callTimeoutMs: CALL_TIMEOUT_MS,
    });
  }
}

function mortality(): Pick<Life, 'died' | 'die'> {
  let die = (): void => undefined;
  const died = new Promise<never>((_, reject) => {
    die = () => {
      reject(new NodeDiedError('the node died'));
    };
  });
  died.catch(() => undefined);
  return { died, die };
}

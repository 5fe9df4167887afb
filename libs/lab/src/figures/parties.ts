import { hashBytes } from '@musubi/cell';
import { contactRequestBase } from '@musubi/global-dht';
import { type AgentPubKey, type StrategyName, dayOf, parseTimestamp } from '@musubi/messaging';
import {
  type Activity,
  type Address,
  Conversant,
  Crawler,
  type Observer,
  type Opener,
  Operator,
  type PairTable,
  type TimeOf,
  type Unreadable,
  WholeDisk,
  Wiretap,
  letterOpener,
  pairOpener,
  placesOf,
  storeOpener,
} from '@musubi/observers';
import { type LabNode } from '../node/lab-node.js';
import { type Simulation } from '../simulation/simulation.js';
import { STRANGERS, type Sharing, sharesOf } from './strangers.js';

/** What a party tells the time by. */
export interface PartyClock {
  readonly unit: 'microseconds' | 'transactions' | 'commit-times';
  /** W: how soon after one another acts are taken to belong together. */
  readonly window: number;
  /** Why it shows nothing, where that is so. */
  readonly unreadable: Unreadable | null;
  /** What it showed at the times that the party's rows have. */
  times(activity: Activity): TimeOf;
}

const SECOND = 1_000_000;

/** A second: what is answered by itself is answered within it. */
const WALL_CLOCK: PartyClock = {
  unit: 'microseconds',
  window: SECOND,
  unreadable: null,
  times: () => (at) => at,
};

/**
 * The transactions that wrote an agent's rows, counted one by one: those in between, of pseudonyms and of the server
 * itself, make no difference. An act of sending has three steps, each a transaction of one of the two agents (save,
 * accept, confirm), whatever else it takes: that is of the contract that all placements keep, and is known without any
 * look at who wrote to whom. So what follows within two is taken to belong to it.
 */
const TRANSACTIONS: PartyClock = { unit: 'transactions', window: 2, unreadable: null, times: placesOf };

/** The same transactions by when the write-ahead log says that they were committed: a wall clock for every table. */
function commitClockOf({ commits }: Simulation): PartyClock {
  return {
    unit: 'commit-times',
    window: SECOND,
    unreadable: commits.unreadable,
    times: (activity) => commits.timesOf(activity),
  };
}

export interface Party {
  readonly name: string;
  /** One, or several of a kind: the figures are those of one of them, whichever it is. */
  readonly observers: readonly Observer[];
  /** When the traffic began, by the times that its rows have. */
  readonly since: number;
  /** The one it always has first. */
  readonly clocks: readonly PartyClock[];
  /** Another, named before it, all of whose rows it reads too: it knows what that one's clocks show. */
  readonly includes?: string;
  /** Which of the agents it is itself. */
  readonly self?: number;
}

/** What the parties' names and places follow from, besides the simulation. */
export interface PartyContext extends Sharing {
  readonly truth: PairTable;
}

/** Everybody whose view is measured, when the write-ahead log has been read to its end. */
export async function partiesOf(simulation: Simulation, context: PartyContext): Promise<readonly Party[]> {
  const { node, calls, since, commits, hasOneWriter } = simulation;
  await commits.look();
  const { db } = node;
  const self = busiest(context.truth);
  const wholeDisk = new WholeDisk(db, { hasOneWriter });
  const byRows = { since: since.at, clocks: [WALL_CLOCK] };
  const byLog = { since: since.transaction, clocks: [TRANSACTIONS, commitClockOf(simulation)] };
  return [
    { ...alone(conversantOf(node, node.agent(self))), ...byRows, self },
    { name: STRANGERS, observers: sharesOf(simulation, context), ...byRows },
    { ...alone(new Crawler(db)), ...byRows },
    { ...alone(new Wiretap(calls)), ...byRows },
    { ...alone(new Operator(db)), ...byRows },
    { ...alone(wholeDisk), ...byLog, includes: 'operator' },
  ];
}

function alone(observer: Observer): Pick<Party, 'name' | 'observers'> {
  return { name: observer.name, observers: [observer] };
}

export function conversantOf({ db, keyring, agents, variant }: LabNode, agent: AgentPubKey): Observer {
  const keys = keyring.keysOf(agent);
  const peers = agents.filter((peer) => peer !== agent);
  const openers: Readonly<Record<StrategyName, Opener>> = {
    'source-chain': storeOpener(keys, ['musubi/private-entry']),
    'pairwise-dht': pairOpener(keys, peers, 'musubi/clone/entry-key'),
    'global-dht': letterOpener(keys),
  };
  return new Conversant(db, { agent, openers: [ofBodies(openers[variant.strategy])] });
}

const DAY = 86_400_000_000;

/**
 * The addresses that follow from the agents' keys alone: the bases of their contact requests, one for each day so far.
 */
export function addressesOf(
  { node, since, clock }: Simulation,
  agents: readonly AgentPubKey[],
): readonly Address[] {
  if (node.variant.strategy !== 'global-dht') return [];
  const days: number[] = [];
  for (let at = since.at; at - (at % DAY) <= clock.time; at += DAY) days.push(at);
  return agents.flatMap((key, agent) =>
    days.map((at, period) => ({
      agent,
      period,
      bytes: hashBytes(contactRequestBase(key, dayOf(parseTimestamp(at)))),
    })),
  );
}

const BODIES: ReadonlySet<string> = new Set(['chain_entry', 'dht_entry']);
const SIGNATURE_BYTES = 64;

/** An observer that knows the placement tries its keys on bodies, and not on hashes and signatures. */
function ofBodies(opener: Opener): Opener {
  return (sealed, row) =>
    BODIES.has(row.table) && sealed.length > SIGNATURE_BYTES ? opener(sealed, row) : null;
}

/** The agent with the most messages: the conversant that sees the most. */
function busiest(truth: PairTable): number {
  const both = truth.symmetrised();
  const volumes = Array.from({ length: truth.agents }, (_, agent) =>
    both.othersOf(agent).reduce((sum, messages) => sum + messages, 0),
  );
  return volumes.indexOf(Math.max(...volumes));
}

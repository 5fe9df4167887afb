import { hashBytes } from '@musubi/cell';
import { knockBase } from '@musubi/global-dht';
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
  ShareHolder,
  WholeDisk,
  Wiretap,
  inOrder,
  letterOpener,
  pairOpener,
  storeOpener,
} from '@musubi/observers';
import { type LabNode } from '../node/lab-node.js';
import { type Beginning, type Simulation } from '../run/simulation.js';

/** What a party tells the time by. */
export interface PartyClock {
  readonly unit: 'microseconds' | 'transactions';
  /** W: how soon after one another acts are taken to belong together. */
  readonly window: number;
  since(beginning: Beginning): number;
  /** Acts as this clock shows them. */
  read(activity: Activity): Activity;
}

/** A second: what is answered by itself is answered within it. */
const WALL_CLOCK: PartyClock = {
  unit: 'microseconds',
  window: 1_000_000,
  since: ({ at }) => at,
  read: (activity) => activity,
};

/**
 * The transactions that wrote an agent's rows, counted one by one: those in between, of pseudonyms and of the server
 * itself, make no difference. An act of sending has three steps, each a transaction of one of the two agents (save,
 * accept, confirm), whatever else it takes: that is of the contract that all placements keep, and is known without any
 * look at who wrote to whom. So what follows within two is taken to belong to it.
 */
const TRANSACTIONS: PartyClock = {
  unit: 'transactions',
  window: 2,
  since: ({ transaction }) => transaction,
  read: inOrder,
};

export interface Party {
  readonly observer: Observer;
  readonly clock: PartyClock;
  /** Another, named before it, all of whose rows it reads too: it knows what that one's clock shows. */
  readonly includes?: string;
}

/** What the parties' names and places follow from, besides the simulation. */
export interface Company {
  readonly truth: PairTable;
  /** R: how many authorities hold each operation. */
  readonly redundancy: number;
}

/** Everybody whose view is measured. */
export function partiesOf({ node, stranger, calls }: Simulation, company: Company): readonly Party[] {
  const { db, agents } = node;
  const share = { agent: node.agent(stranger), agents, redundancy: company.redundancy };
  return [
    { observer: conversantOf(node, node.agent(busiest(company.truth))), clock: WALL_CLOCK },
    { observer: new ShareHolder(db, share), clock: WALL_CLOCK },
    { observer: new Crawler(db), clock: WALL_CLOCK },
    { observer: new Wiretap(calls), clock: WALL_CLOCK },
    { observer: new Operator(db), clock: WALL_CLOCK },
    { observer: new WholeDisk(db), clock: TRANSACTIONS, includes: 'operator' },
  ];
}

function conversantOf({ db, keyring, agents, variant }: LabNode, agent: AgentPubKey): Observer {
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
 * Where everybody can find the agents by their keys alone: at the base that those knock at who write to one for the
 * first time, on each day so far.
 */
export function addressesOf(
  { node, since, clock }: Simulation,
  agents: readonly AgentPubKey[],
): readonly Address[] {
  if (node.variant.strategy !== 'global-dht') return [];
  const days: number[] = [];
  for (let at = since.at; at - (at % DAY) <= clock.time; at += DAY) days.push(at);
  return agents.flatMap((key, agent) =>
    days.map((at) => ({ agent, bytes: hashBytes(knockBase(key, dayOf(parseTimestamp(at)))) })),
  );
}

const BODIES: ReadonlySet<string> = new Set(['chain_entry', 'dht_entry']);
const SIGNATURE_BYTES = 64;

/** Whoever knows the placement tries its keys on bodies, and not on hashes and signatures. */
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

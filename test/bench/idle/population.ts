import { KeyStore, Keyring } from '@musubi/cell';
import { AgentKeys, MINIMAL_COST, randomBytes } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { ContactStore } from '../../../libs/global-dht/src/contact.store.js';

export interface Population {
  readonly agents: number;
  /** Pairs of agents that exchange letters, each agent with as many peers as any other. */
  readonly pairs: number;
}

const AT_ONCE = 16;

/** Unattended agents that know one another and have written nothing. */
export async function populate(
  db: DataSource,
  { agents, pairs }: Population,
  nodeKey: Uint8Array,
): Promise<void> {
  const keyring = new Keyring({ store: new KeyStore(db), nodeKey, cost: MINIMAL_COST, random: randomBytes });
  const all: AgentKeys[] = [];
  await inTurns(agents, async () => {
    all.push(await keyring.create());
  });
  const contacts = new ContactStore(db, randomBytes);
  await inTurns(pairs, async (pair) => {
    const one = all[pair % agents];
    const other = all[(pair + 1 + Math.floor(pair / agents)) % agents];
    if (one === undefined || other === undefined) throw new RangeError('no agents, no pairs');
    await contacts.add(one, other.agent);
    await contacts.add(other, one.agent);
  });
}

/** So many contacts who are nobody here. */
export function addStrangers(db: DataSource, keys: AgentKeys, count: number): Promise<void> {
  const contacts = new ContactStore(db, randomBytes);
  const stranger = (): AgentPubKey => AgentKeys.fromSeed(randomBytes(32)).agent;
  return inTurns(count, async () => {
    await contacts.add(keys, stranger());
  });
}

async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => work(from + index));
    await Promise.all(some);
  }
}

import { type ChainAuthor, type Hash, agentBasis, hashFrom } from '@musubi/cell';
import {
  type AgentKeys,
  fromBase64Url,
  hash,
  keyedHash,
  sign,
  signKeyPairFromSeed,
  toBase64Url,
} from '@musubi/crypto';
import {
  type AgentPubKey,
  type Day,
  type Timestamp,
  dayOf,
  parseAgentPubKey,
  startOf,
} from '@musubi/messaging';
import {
  type Addressing,
  GLOBAL_DHT_DNA,
  GLOBAL_DHT_SPACE,
  type MailboxAddress,
  type WatchScope,
  type WatchedMailbox,
} from './addressing.js';

const NO_TAG = new Uint8Array();

/** Of one agent's keys: computing one takes three hashes and a key pair, and an act asks for two. */
const REMEMBERED_ADDRESSES = 4096;
const known = new WeakMap<AgentKeys, Map<string, MailboxAddress>>();

/**
 * Mailboxes that only their two agents can find: the base is a keyed hash of the pair's shared secret, the
 * direction and the day; the author is a pseudonym of its own for each of them. Public actions show the day.
 */
export const derivedAddressing: Addressing = {
  name: 'derived',
  needsKnock: true,

  addressOf(keys: AgentKeys, peer: AgentPubKey, day: Day): MailboxAddress {
    const addresses = known.get(keys) ?? new Map<string, MailboxAddress>();
    known.set(keys, addresses);
    const name = `${peer}/${day}`;
    const address = addresses.get(name) ?? computeAddress(keys, peer, day);
    if (addresses.size >= REMEMBERED_ADDRESSES) addresses.clear();
    addresses.set(name, address);
    return address;
  },

  watchedBy(keys: AgentKeys, { peers, days }: WatchScope): readonly WatchedMailbox[] {
    return days.flatMap((day) => [
      { base: knockBase(keys.agent, day), peer: null },
      ...peers.map((peer) => ({ base: mailboxBase(keys, { from: peer, to: keys.agent, day }), peer })),
    ]);
  },

  actionTime(at: Timestamp): Timestamp {
    return startOf(dayOf(at));
  },
};

/**
 * Where strangers leave a knock. Anybody who knows the agent's key can compute it, so that it shows how many
 * knocks the agent gets in a day, but not from whom.
 */
export function knockBase(agent: AgentPubKey, day: Day): Hash {
  return hashFrom(hash('musubi/knock', fromBase64Url(agentBasis(agent)), dayBytes(day)));
}

/** The name under which an agent knocks at a peer: one chain for the one knock. */
export function knockAuthor(keys: AgentKeys, peer: AgentPubKey): ChainAuthor {
  return pseudonym(keys.derive('musubi/knock/pseudonym', fromBase64Url(peer)));
}

interface Direction {
  readonly from: AgentPubKey;
  readonly to: AgentPubKey;
  readonly day: Day;
}

function computeAddress(keys: AgentKeys, peer: AgentPubKey, day: Day): MailboxAddress {
  const chain = pseudonym(keys.derive('musubi/mailbox/pseudonym', fromBase64Url(peer), dayBytes(day)));
  return { chain, base: mailboxBase(keys, { from: keys.agent, to: peer, day }), tag: NO_TAG };
}

function mailboxBase(keys: AgentKeys, { from, to, day }: Direction): Hash {
  const secret = keys.pairSecret(from === keys.agent ? to : from);
  const parts = [fromBase64Url(from), fromBase64Url(to), dayBytes(day)];
  return hashFrom(keyedHash(secret, 'musubi/mailbox/base', ...parts));
}

function pseudonym(seed: Uint8Array): ChainAuthor {
  const pair = signKeyPairFromSeed(seed);
  return {
    dna: GLOBAL_DHT_DNA,
    space: GLOBAL_DHT_SPACE,
    agent: parseAgentPubKey(toBase64Url(pair.publicKey)),
    sign: (bytes) => sign(bytes, pair.secretKey),
  };
}

function dayBytes(day: Day): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, day);
  return bytes;
}

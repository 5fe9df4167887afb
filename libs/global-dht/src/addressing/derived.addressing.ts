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
import { LRUCache } from 'lru-cache';
import {
  type Addressing,
  GLOBAL_DHT_DNA,
  GLOBAL_DHT_SPACE,
  type MailboxAddress,
  type WatchedMailbox,
} from './addressing.js';

const NO_TAG = new Uint8Array();

/** Of one agent's keys: computing one takes three hashes and a key pair, and an act asks for two. */
const REMEMBERED_ADDRESSES = 4096;
const known = new WeakMap<AgentKeys, LRUCache<string, MailboxAddress>>();

/**
 * Mailboxes that only their two agents can find: the base is a keyed hash of the pair's shared secret, the
 * direction and the day; the author is a pseudonym of its own for each of them. Public actions show the day.
 */
export const derivedAddressing: Addressing = {
  hidesPeers: true,
  needsContactRequest: true,
  isDaily: true,

  addressOf(keys: AgentKeys, peer: AgentPubKey, day: Day): MailboxAddress {
    const addresses = known.get(keys) ?? new LRUCache<string, MailboxAddress>({ max: REMEMBERED_ADDRESSES });
    known.set(keys, addresses);
    const name = `${peer}/${day}`;
    const address = addresses.get(name) ?? computeAddress(keys, peer, day);
    addresses.set(name, address);
    return address;
  },

  mailboxOf(keys: AgentKeys, peer: AgentPubKey | null, day: Day): WatchedMailbox {
    if (peer === null) return { base: contactRequestBase(keys.agent, day), peer };
    return { base: mailboxBase(keys, { from: peer, to: keys.agent, day }), peer };
  },

  actionTime(at: Timestamp): Timestamp {
    return startOf(dayOf(at));
  },
};

/**
 * Where strangers leave contact requests. Anybody who knows the agent's key can compute it. So it shows how many
 * requests the agent gets in a day, but not from whom.
 */
export function contactRequestBase(agent: AgentPubKey, day: Day): Hash {
  return hashFrom(hash('musubi/knock', fromBase64Url(agentBasis(agent)), dayBytes(day)));
}

/** The name under which an agent asks a peer for contact: one chain for the one request. */
export function contactRequestAuthor(keys: AgentKeys, peer: AgentPubKey): ChainAuthor {
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

import { type ChainAuthor, type Dna, type Hash, spaceIdOf } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type Day, type Timestamp } from '@musubi/messaging';

export const GLOBAL_DHT_DNA: Dna = { name: 'musubi/global-dht', version: 1 };

/** One space for everybody: its network seed is public. */
export const GLOBAL_DHT_SPACE = spaceIdOf(GLOBAL_DHT_DNA, new Uint8Array());

/** Under which name a letter is written, and from which base it is linked. */
export interface MailboxAddress {
  readonly chain: ChainAuthor;
  readonly base: Hash;
  /** What the link says of itself. */
  readonly tag: Uint8Array;
}

/** A base that an agent watches for letters to it. */
export interface WatchedMailbox {
  readonly base: Hash;
  /** The only agent that can write here; `null` where anybody can, and the link's author counts. */
  readonly peer: AgentPubKey | null;
}

/** Who could be the writer and the reader of a mailbox, judged by its base, tag and author. */
export interface Addressing {
  /** Strangers cannot tell from base, tag and author who writes to whom. */
  readonly hidesPeers: boolean;
  /** Strangers have to be told of a first letter, since they cannot know which base to watch. */
  readonly needsContactRequest: boolean;
  /** Each peer has a mailbox of its own each day; else all write to one, whatever the day. */
  readonly isDaily: boolean;
  /** Where the keys' agent writes to the peer on that day. */
  addressOf(keys: AgentKeys, peer: AgentPubKey, day: Day): MailboxAddress;
  /** Where the keys' agent finds letters of that peer, or, for `null`, those of strangers, from that day. */
  mailboxOf(keys: AgentKeys, peer: AgentPubKey | null, day: Day): WatchedMailbox;
  /** The time that the public actions of a letter show. */
  actionTime(at: Timestamp): Timestamp;
}

/** The agent's own chain in the global space. */
export function ownChain(keys: AgentKeys): ChainAuthor {
  return {
    dna: GLOBAL_DHT_DNA,
    space: GLOBAL_DHT_SPACE,
    agent: keys.agent,
    sign: (bytes) => keys.sign(bytes),
  };
}

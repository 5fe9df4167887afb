import { type ChainAuthor, agentBasis } from '@musubi/cell';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type Timestamp } from '@musubi/messaging';
import {
  type Addressing,
  GLOBAL_DHT_DNA,
  GLOBAL_DHT_SPACE,
  type MailboxAddress,
  type WatchedMailbox,
} from './addressing.js';

/**
 * The note's mailboxes: the base is the reader's key, the author and the tag are the writer's. It exists to be
 * measured: every link tells every stranger who writes to whom, and when.
 */
export const agentKeyAddressing: Addressing = {
  name: 'agent-key',
  needsKnock: false,

  addressOf(keys: AgentKeys, peer: AgentPubKey): MailboxAddress {
    return { chain: ownChain(keys), base: agentBasis(peer), tag: fromBase64Url(keys.agent) };
  },

  watchedBy(keys: AgentKeys): readonly WatchedMailbox[] {
    return [{ base: agentBasis(keys.agent), peer: null }];
  },

  actionTime(at: Timestamp): Timestamp {
    return at;
  },
};

/** The agent's own chain in the global space. */
export function ownChain(keys: AgentKeys): ChainAuthor {
  return {
    dna: GLOBAL_DHT_DNA,
    space: GLOBAL_DHT_SPACE,
    agent: keys.agent,
    sign: (bytes) => keys.sign(bytes),
  };
}

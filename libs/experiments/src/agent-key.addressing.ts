import { agentBasis } from '@musubi/cell';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type Addressing, type MailboxAddress, type WatchedMailbox, ownChain } from '@musubi/global-dht';
import { type AgentPubKey, type Timestamp } from '@musubi/messaging';

/**
 * Mailboxes by public key: the base is the reader's key, the author and the tag are the writer's. It exists to be
 * measured: every link tells every stranger who writes to whom, and when.
 */
export const agentKeyAddressing: Addressing = {
  hidesPeers: false,
  needsContactRequest: false,
  isDaily: false,

  addressOf(keys: AgentKeys, peer: AgentPubKey): MailboxAddress {
    return { chain: ownChain(keys), base: agentBasis(peer), tag: fromBase64Url(keys.agent) };
  },

  mailboxOf(keys: AgentKeys): WatchedMailbox {
    return { base: agentBasis(keys.agent), peer: null };
  },

  actionTime(at: Timestamp): Timestamp {
    return at;
  },
};

import { type AgentKeys, decodeCanonical } from '@musubi/crypto';
import { type AgentPubKey, type Day, agentPubKeySchema } from '@musubi/messaging';
import { contactRequestAuthor, derivedAddressing } from './addressing/derived.addressing.js';
import { CONTACT_DOMAIN } from './contact.store.js';

/**
 * The names under which an agent writes letters on those days, and has asked for contact: only its keys tell which these
 * are.
 * @param contacts what its rows of `mailbox_contact` have sealed
 */
export function letterAuthors(
  keys: AgentKeys,
  contacts: readonly Uint8Array[],
  days: readonly Day[],
): readonly AgentPubKey[] {
  return contacts.flatMap((sealed) => {
    const peer = agentPubKeySchema.parse(decodeCanonical(keys.open(sealed, CONTACT_DOMAIN)));
    const daily = days.map((day) => derivedAddressing.addressOf(keys, peer, day).chain.agent);
    return [contactRequestAuthor(keys, peer).agent, ...daily];
  });
}

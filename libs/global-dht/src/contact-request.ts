import {
  type NodeContext,
  type SourceChains,
  type StoredAction,
  GENESIS_ACTIONS,
  requireAtHome,
} from '@musubi/cell';
import {
  type AgentKeys,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  sealLetter,
  toBase64Url,
  verify,
} from '@musubi/crypto';
import {
  type AgentPubKey,
  InvalidMessageError,
  agentPubKeySchema,
  dayOf,
  idSchema,
  parseSignature,
  startOf,
} from '@musubi/messaging';
import { z } from 'zod';
import { contactRequestAuthor, contactRequestBase } from './addressing/derived.addressing.js';
import { linkedLetter } from './sealed-letters.placement.js';

const LETTER_ACTIONS = 2;

const contactRequestSchema = z.strictObject({
  kind: z.literal('knock'),
  from: agentPubKeySchema,
  signature: idSchema(parseSignature),
});

/**
 * First contact: a sealed letter at the peer's request base that names its author. An answer needs no request. It is
 * committed once for each peer, on a pseudonymous chain of its own; repeating it gives the same actions to publish.
 */
export async function writeContactRequest(
  { node, chains }: { readonly node: NodeContext; readonly chains: SourceChains },
  keys: AgentKeys,
  peer: AgentPubKey,
): Promise<readonly StoredAction[]> {
  const author = contactRequestAuthor(keys, peer);
  const today = dayOf(node.clock.now());
  await chains.start(author, { at: startOf(today), membraneProof: null });
  await chains.write(author, async (write) => {
    if (write.place(0).seq > GENESIS_ACTIONS) return;
    await requireAtHome(write.tx, keys.agent);
    const content = sealLetter({
      plaintext: encodeContactRequest(keys, peer),
      readers: [fromBase64Url(peer), fromBase64Url(keys.agent)],
      random: node.random,
    });
    const drafts = linkedLetter({ base: contactRequestBase(peer, today), tag: new Uint8Array() }, content);
    await write.append(drafts, startOf(today));
  });
  return chains.read({
    space: author.space,
    author: author.agent,
    seq: GENESIS_ACTIONS,
    count: LETTER_ACTIONS,
  });
}

function encodeContactRequest(keys: AgentKeys, peer: AgentPubKey): Uint8Array {
  const signature = toBase64Url(keys.sign(contactRequestBytes(keys.agent, peer)));
  return encodeCanonical({ kind: 'knock', from: keys.agent, signature });
}

/**
 * Who asks the holder for contact.
 * @throws InvalidMessageError when it is no contact request, or is not signed by the agent that it names
 */
export function readContactRequest(plaintext: Uint8Array, holder: AgentPubKey): AgentPubKey {
  const { from, signature } = parseContactRequest(plaintext);
  if (!verify(fromBase64Url(signature), contactRequestBytes(from, holder), fromBase64Url(from))) {
    throw new InvalidMessageError('the contact request is not signed by the agent it names');
  }
  return from;
}

function parseContactRequest(plaintext: Uint8Array): z.infer<typeof contactRequestSchema> {
  try {
    return contactRequestSchema.parse(decodeCanonical(plaintext));
  } catch (error) {
    throw new InvalidMessageError('the letter is no contact request', { cause: error });
  }
}

function contactRequestBytes(from: AgentPubKey, to: AgentPubKey): Uint8Array {
  return hash('musubi/knock-signature', fromBase64Url(from), fromBase64Url(to));
}

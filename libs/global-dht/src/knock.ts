import { type NodeContext, type SourceChains, type StoredAction, GENESIS_ACTIONS } from '@musubi/cell';
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
import { knockAuthor, knockBase } from './addressing/derived.addressing.js';
import { linkedLetter } from './sealed-letters.placement.js';

const LETTER_ACTIONS = 2;

const knockSchema = z.strictObject({
  kind: z.literal('knock'),
  from: agentPubKeySchema,
  signature: idSchema(parseSignature),
});

/**
 * First contact: a sealed letter at the peer's knock base that says who writes. It is committed once for each
 * peer, on a pseudonymous chain of its own; repeating it gives the same actions to publish.
 */
export async function writeKnock(
  { node, chains }: { readonly node: NodeContext; readonly chains: SourceChains },
  keys: AgentKeys,
  peer: AgentPubKey,
): Promise<readonly StoredAction[]> {
  const author = knockAuthor(keys, peer);
  const today = dayOf(node.clock.now());
  await chains.start(author, { at: startOf(today), membraneProof: null });
  await chains.write(author, async (write) => {
    if (write.place(0).seq > GENESIS_ACTIONS) return;
    const content = sealLetter({
      plaintext: encodeKnock(keys, peer),
      readers: [fromBase64Url(peer), fromBase64Url(keys.agent)],
      random: node.random,
    });
    const drafts = linkedLetter({ base: knockBase(peer, today), tag: new Uint8Array() }, content);
    await write.append(drafts, startOf(today));
  });
  return chains.read({
    space: author.space,
    author: author.agent,
    seq: GENESIS_ACTIONS,
    count: LETTER_ACTIONS,
  });
}

function encodeKnock(keys: AgentKeys, peer: AgentPubKey): Uint8Array {
  const signature = toBase64Url(keys.sign(knockBytes(keys.agent, peer)));
  return encodeCanonical({ kind: 'knock', from: keys.agent, signature });
}

/**
 * Who knocks at the holder.
 * @throws InvalidMessageError when it is no knock, or is not signed by the agent that it names
 */
export function readKnock(plaintext: Uint8Array, holder: AgentPubKey): AgentPubKey {
  const { from, signature } = parseKnock(plaintext);
  if (!verify(fromBase64Url(signature), knockBytes(from, holder), fromBase64Url(from))) {
    throw new InvalidMessageError('the knock is not signed by the agent it names');
  }
  return from;
}

function parseKnock(plaintext: Uint8Array): z.infer<typeof knockSchema> {
  try {
    return knockSchema.parse(decodeCanonical(plaintext));
  } catch (error) {
    throw new InvalidMessageError('the letter is no knock', { cause: error });
  }
}

function knockBytes(from: AgentPubKey, to: AgentPubKey): Uint8Array {
  return hash('musubi/knock-signature', fromBase64Url(from), fromBase64Url(to));
}

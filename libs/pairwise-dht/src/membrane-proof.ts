import {
  type AgentKeys,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  toBase64Url,
  verify,
} from '@musubi/crypto';
import {
  type AgentPubKey,
  InvalidRecordError,
  type SpaceId,
  agentPubKeySchema,
  idSchema,
  parseSignature,
} from '@musubi/messaging';
import { z } from 'zod';

/** Who may be in the space. */
export interface Membership {
  readonly space: SpaceId;
  readonly member: AgentPubKey;
}

const proofSchema = z.strictObject({ opener: agentPubKeySchema, signature: idSchema(parseSignature) });

/** The opener of a clone signs who may join it. Canonical bytes of {opener, signature}. */
export function signMembraneProof(opener: AgentKeys, membership: Membership): Uint8Array {
  const signature = toBase64Url(opener.sign(membershipBytes(membership)));
  return encodeCanonical({ opener: opener.agent, signature });
}

/** @throws InvalidRecordError unless the opener signed that the member may be in the space */
export function verifyMembraneProof(proof: Uint8Array, membership: Membership, opener: AgentPubKey): void {
  const { opener: signer, signature } = parseProof(proof);
  const bytes = membershipBytes(membership);
  if (signer !== opener || !verify(fromBase64Url(signature), bytes, fromBase64Url(opener))) {
    throw new InvalidRecordError('the membrane proof does not admit this agent to this space');
  }
}

function parseProof(proof: Uint8Array): z.infer<typeof proofSchema> {
  try {
    return proofSchema.parse(decodeCanonical(proof));
  } catch (error) {
    throw new InvalidRecordError('the membrane proof is malformed', { cause: error });
  }
}

function membershipBytes({ space, member }: Membership): Uint8Array {
  return hash('musubi/membrane-proof', encodeCanonical({ space, member }));
}

import { z } from 'zod';
import { type AgentPubKey, type SpaceId, parseSpaceId } from './ids.js';
import { idSchema } from './id-schema.js';
import { agentPubKeySchema } from './message.js';

/** `count` actions of one author's chain in one space, from `seq` on. */
export interface ChainPlace {
  readonly space: SpaceId;
  readonly author: AgentPubKey;
  readonly seq: number;
  readonly count: number;
}

export const chainPlaceSchema: z.ZodType<ChainPlace> = z.strictObject({
  space: idSchema(parseSpaceId),
  author: agentPubKeySchema,
  seq: z.number().int().nonnegative(),
  count: z.number().int().nonnegative(),
});

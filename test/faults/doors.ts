import { type NodeContext } from '@musubi/cell';
import { type AgentPubKey, type StrategyName } from '@musubi/messaging';
import { type Envelope } from '@musubi/receipts';
import * as globalDht from '../../libs/global-dht/test/support/global-dht-harness.js';
import * as pairwiseDht from '../../libs/pairwise-dht/test/support/pairwise-dht-harness.js';
import * as sourceChain from '../../libs/source-chain/test/support/source-chain-harness.js';

type Pair = readonly [AgentPubKey, AgentPubKey];

/** Hands something in at the second agent's cell, in the first one's name, through the door that real mail uses. */
interface Door {
  letter(context: NodeContext, pair: Pair, letter: Envelope): Promise<void>;
  /** Whatever the bytes are. */
  content(context: NodeContext, pair: Pair, content: Uint8Array): Promise<void>;
}

export const DOORS: Readonly<Record<StrategyName, Door>> = {
  'source-chain': { letter: sourceChain.handIn, content: sourceChain.handInContent },
  'pairwise-dht': { letter: pairwiseDht.handIn, content: pairwiseDht.handInContent },
  'global-dht': {
    letter: (context, pair, letter) => globalDht.handIn(context, pair, { letter }),
    content: (context, pair, content) => globalDht.handInContent(context, pair, { content }),
  },
};

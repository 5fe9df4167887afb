import {
  type Dht,
  type Hash,
  LinkProgress,
  type NodeContext,
  type SourceChains,
  type StoredAction,
} from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, commitRows } from '@musubi/database';
import { type SentMessages } from '@musubi/history';
import { type AgentPubKey, addDays, dayOf } from '@musubi/messaging';
import { type TracedReceipt } from '@musubi/receipts';
import { type Addressing, GLOBAL_DHT_SPACE } from './addressing/addressing.js';
import { linkedLetter } from './sealed-letters.placement.js';

/** Readers look at the bases of at least yesterday and today, so a letter linked from there is found. */
const FRESH_DAYS = 1;

interface LetterPublisherParts {
  readonly node: NodeContext;
  readonly sent: SentMessages;
  readonly chains: SourceChains;
  readonly dht: Dht;
  readonly addressing: Addressing;
}

/** To whom, and what is not owed any more once it is published. */
interface Publication {
  readonly peer: AgentPubKey;
  readonly settled?: readonly Rows[];
}

/** Publishes committed letters. Publishing again is harmless, and is how a crash in between is mended. */
export class LetterPublisher {
  constructor(private readonly parts: LetterPublisherParts) {}

  /** Publishes the letter that carries this receipt of the keys' agent, for the peer to find. */
  async publish(keys: AgentKeys, traced: TracedReceipt, { peer, settled = [] }: Publication): Promise<void> {
    const { node, sent } = this.parts;
    const actions = await sent.actionsOf(keys, traced);
    if (actions.length === 0) return;
    const isFresh = dayOf(traced.receipt.at) >= addDays(dayOf(node.clock.now()), -FRESH_DAYS);
    await this.publishActions(actions, isFresh ? settled : []);
    if (isFresh) return;
    await this.linkAgain(keys, peer, actions);
    await commitRows(node.db, settled);
  }

  publishActions(actions: readonly StoredAction[], alongside: readonly Rows[] = []): Promise<void> {
    return this.parts.dht.publish(
      actions.map(({ signed }) => signed),
      bodiesOf(actions),
      alongside,
    );
  }

  /** A letter that leaves days after it was committed is linked from today's base too, where its reader looks. */
  private async linkAgain(
    keys: AgentKeys,
    peer: AgentPubKey,
    actions: readonly StoredAction[],
  ): Promise<void> {
    const { addressing, node, dht, chains } = this.parts;
    const now = node.clock.now();
    const { chain, base, tag } = addressing.addressOf(keys, peer, dayOf(now));
    const linked = new Set<Hash>();
    for await (const { target } of dht.links(GLOBAL_DHT_SPACE, base, new LinkProgress())) linked.add(target);
    const letters = [...bodiesOf(actions)].filter(([target]) => !linked.has(target)).map(([, body]) => body);
    if (letters.length === 0) return;
    const at = addressing.actionTime(now);
    await chains.start(chain, { at, membraneProof: null });
    const drafts = letters.flatMap((letter) => linkedLetter({ base, tag }, letter));
    const place = await chains.write(chain, async (write) => {
      const written = write.place(drafts.length);
      await write.append(drafts, at);
      return written;
    });
    await this.publishActions(await chains.read(place));
  }
}

function bodiesOf(actions: readonly StoredAction[]): ReadonlyMap<Hash, Uint8Array> {
  const bodies = new Map<Hash, Uint8Array>();
  for (const { signed, body } of actions) {
    const { content } = signed.action;
    if (content.type === 'create' && body !== null) bodies.set(content.entry.hash, body);
  }
  return bodies;
}

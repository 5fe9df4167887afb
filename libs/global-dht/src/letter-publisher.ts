import { type Dht, type Hash, type StoredAction } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import { type SentMessages } from '@musubi/history';
import { type Day, dayOf } from '@musubi/messaging';
import { type PlacedReceipt } from '@musubi/receipts';

interface LetterPublisherParts {
  readonly sent: SentMessages;
  readonly dht: Dht;
  /** Told of the days that the public actions show. */
  readonly notePublished: (days: ReadonlySet<Day>) => void;
}

/** Publishes committed letters. Publishing again is harmless, and is how a crash in between is mended. */
export class LetterPublisher {
  constructor(private readonly parts: LetterPublisherParts) {}

  /** Publishes the letter that carries this receipt of the keys' agent, and with it what is not pending any more. */
  async publish(keys: AgentKeys, traced: PlacedReceipt, completion: readonly Rows[] = []): Promise<void> {
    const actions = await this.parts.sent.actionsOf(keys, traced);
    if (actions.length > 0) await this.publishActions(actions, completion);
  }

  async publishActions(actions: readonly StoredAction[], extras: readonly Rows[] = []): Promise<void> {
    const signed = actions.map((action) => action.signed);
    await this.parts.dht.publish(signed, bodiesOf(actions), extras);
    this.parts.notePublished(new Set(signed.map(({ action }) => dayOf(action.at))));
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

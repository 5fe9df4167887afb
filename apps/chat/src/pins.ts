import { type Message, type MusubiClient } from '@musubi/client';
import { lineOf } from './lines.js';
import { PeerError } from './peers.js';
import { type Reading } from './reading.js';

interface PinsParts {
  readonly client: MusubiClient;
  readonly reading: Reading;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly nameOf: (author: string) => string | Promise<string>;
}

/** What both of the two keep in sight. */
export class Pins {
  private readonly known = new Set<string>();

  constructor(private readonly parts: PinsParts) {}

  /** Pins the latest message with this agent, or the latest that has these words. */
  async pin(words: string, agent: string): Promise<void> {
    const { client, reading, signal } = this.parts;
    const messages =
      words === '' ? (await reading.latest(agent, 1)).messages : await reading.found(words, agent, 1);
    const message = messages.at(-1);
    if (message === undefined) throw new PeerError('There is no such message with this agent.');
    await this.changed(await client.pin(message.strategy, message.id, { signal }));
  }

  /** Unpins the message with that number in the list. */
  async unpin(number: number, agent: string): Promise<void> {
    const { client, reading, signal } = this.parts;
    const message = (await reading.pinned(agent))[number - 1];
    if (message === undefined) throw new PeerError('/unpin <n> unpins a message of /pins.');
    this.learn(message);
    await this.changed(await client.unpin(message.strategy, message.id, { signal }));
  }

  /** What is pinned, in the order in which it was written. */
  async list(agent: string): Promise<void> {
    const pinned = await this.parts.reading.pinned(agent);
    if (pinned.length === 0) this.parts.note('Nothing is pinned here.');
    for (const [index, message] of pinned.entries()) {
      this.learn(message);
      await this.tell(String(index + 1), message);
    }
  }

  /** A message is shown as it is. */
  learn({ id, pinned }: Message): void {
    if (pinned) this.known.add(id);
    else this.known.delete(id);
  }

  /** Says so when a message was pinned, or unpinned, by either of the two. */
  async changed(message: Message): Promise<void> {
    const { id, pinned } = message;
    if (this.known.has(id) === pinned) return;
    this.learn(message);
    await this.tell(pinned ? 'Pinned:' : 'Unpinned:', message);
  }

  private async tell(what: string, message: Message): Promise<void> {
    const { nameOf, note } = this.parts;
    note(`${what} ${lineOf(message, await nameOf(message.author))}`);
  }
}

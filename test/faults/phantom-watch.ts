import { type AgentPubKey, type MessageId } from '@musubi/messaging';
import { type Signals } from '@musubi/network';
import { type Sent } from './sent.js';
import { type Stored, rowsOf } from './stored.js';

interface Watched extends Stored {
  readonly sent: readonly Sent[];
}

/** Looks, at each receipt that an author is told of, whether the recipient has the message at that moment. */
export class PhantomWatch {
  private readonly phantoms: MessageId[] = [];
  private readonly looks: Promise<void>[] = [];

  constructor(private readonly watched: Watched) {}

  watch(agent: AgentPubKey, signals: Signals): void {
    signals.subscribe(agent, (signal) => {
      const sent = this.watched.sent.find(({ message }) => message === signal['message']);
      if (signal['type'] !== 'receipt' || sent?.author !== agent) return;
      this.looks.push(this.look(sent.recipient, sent.message));
    });
  }

  /** The messages whose recipient did not hold them. */
  async found(): Promise<readonly MessageId[]> {
    await Promise.all(this.looks);
    return this.phantoms;
  }

  private async look(recipient: AgentPubKey, message: MessageId): Promise<void> {
    const { messages } = await rowsOf(this.watched, recipient, message);
    if (messages === 0) this.phantoms.push(message);
  }
}

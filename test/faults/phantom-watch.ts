import { type AgentPubKey, type MessageId } from '@musubi/messaging';
import { rowsOf } from './stored.js';
import { type World } from './world.js';

/** Looks, at each receipt that an author is told of, whether the recipient has the message at that moment. */
export class PhantomWatch {
  private readonly phantoms: MessageId[] = [];
  private readonly looks: Promise<void>[] = [];

  constructor(private readonly world: World) {}

  watch(agent: AgentPubKey): void {
    this.world.home(agent).signals.subscribe(agent, (signal) => {
      const sent = this.world.sent.find(({ message }) => message === signal['message']);
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
    const { messages } = await rowsOf(this.world, recipient, message);
    if (messages === 0) this.phantoms.push(message);
  }
}

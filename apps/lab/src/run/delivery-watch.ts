import { type AgentPubKey, type MessageId } from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';

/** Tells when authors learn of deliveries, from the signals that their own user interface gets. */
export class DeliveryWatch {
  private readonly waiting = new Map<string, () => void>();

  constructor(node: LabNode) {
    for (const agent of node.agents) this.listenFor(node, agent);
  }

  /** Call it before the message is sent. @returns whether it was delivered before the signal aborted */
  delivered(message: MessageId, until: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const late = (): void => {
        this.waiting.delete(message);
        resolve(false);
      };
      until.addEventListener('abort', late, { once: true });
      this.waiting.set(message, () => {
        until.removeEventListener('abort', late);
        resolve(true);
      });
    });
  }

  private listenFor({ signals }: LabNode, agent: AgentPubKey): void {
    signals.subscribe(agent, (signal) => {
      const { type, message, status } = signal;
      if (type !== 'receipt' || status === 'saved' || typeof message !== 'string') return;
      this.waiting.get(message)?.();
      this.waiting.delete(message);
    });
  }
}

import { type AgentPubKey, type MessageId } from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';

/** Tells when authors learn of deliveries, from the signals that their own user interface gets. */
export class DeliveryWatch {
  private readonly waiting = new Map<string, () => void>();

  constructor(node: LabNode) {
    for (const agent of node.agents) this.listenFor(node, agent);
  }

  /** Call it before the message is sent. Resolves when its author has heard that it was delivered. */
  delivered(message: MessageId): Promise<true> {
    return new Promise((resolve) => {
      this.waiting.set(message, () => {
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

import { type NodeContext } from '@musubi/cell';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type Unsubscribe } from '@musubi/network';
import { type OutboxStore } from './outbox.store.js';

interface HasteningParts extends Pick<NodeContext, 'keyring' | 'log' | 'signals'> {
  readonly outbox: Pick<OutboxStore, 'hasten' | 'hastenAll'>;
  /** False where a step waits for as long as its attempts say, whatever is heard. */
  readonly isWanted: boolean;
  /** Looks at the outbox now. */
  wake(): void;
}

/** On which the processes of a node tell each other who came online. */
const ARRIVALS = 'musubi/arrivals';

/** Makes what waits due when its recipients are heard from. Whatever is asked for while it is busy is one more look. */
export class Hastening {
  private heard = new Set<AgentPubKey>();
  private isForAll = false;
  private working: Promise<void> | undefined;
  private leave: Unsubscribe | undefined;

  constructor(private readonly parts: HasteningParts) {}

  /** Hears from other processes of the node who came online there. */
  listen(): void {
    if (!this.parts.isWanted) return;
    this.leave ??= this.parts.signals.subscribe(ARRIVALS, ({ agent = '' }) => {
      void this.hasten([parseAgentPubKey(agent)]);
    });
  }

  async stop(): Promise<void> {
    this.leave?.();
    await this.working;
  }

  tell(agent: AgentPubKey): void {
    this.parts.signals.emit(ARRIVALS, { type: 'arrival', agent });
  }

  hasten(recipients: readonly AgentPubKey[]): Promise<void> {
    if (this.parts.isWanted) for (const recipient of recipients) this.heard.add(recipient);
    return this.work();
  }

  hastenAll(): Promise<void> {
    this.isForAll = true;
    return this.work();
  }

  private work(): Promise<void> {
    if (!this.parts.isWanted) return Promise.resolve();
    this.working ??= this.workOff().finally(() => {
      this.working = undefined;
    });
    return this.working;
  }

  private async workOff(): Promise<void> {
    // Everybody who is heard from in this turn is one look.
    await Promise.resolve();
    while (this.isForAll || this.heard.size > 0) {
      const [recipients, isForAll] = [[...this.heard], this.isForAll];
      [this.heard, this.isForAll] = [new Set(), false];
      await this.look(recipients, isForAll);
      this.parts.wake();
    }
  }

  /** What fails here waits for its own time. */
  private async look(recipients: readonly AgentPubKey[], isForAll: boolean): Promise<void> {
    const { keyring, log, outbox } = this.parts;
    try {
      if (isForAll) await outbox.hastenAll(keyring.online());
      else await outbox.hasten(keyring.online(), recipients);
    } catch (error) {
      log.warn('outbox-write-failed', { error: error instanceof Error ? error.name : typeof error });
    }
  }
}

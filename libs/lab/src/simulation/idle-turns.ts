import { setImmediate as turn } from 'node:timers/promises';
import { type LabNode } from '../node/lab-node.js';

/** A node is asked whether it is idle by one at a time, however many acts wait for that. */
export class IdleTurns {
  private current: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;

  constructor(private readonly node: LabNode) {}

  /** Resolves when nothing is under way of what had begun by now, lost pushes having been looked for. */
  whenIdle(): Promise<void> {
    this.next ??= this.begin(this.current);
    return this.next;
  }

  /** What went wrong the last time was told to those who asked then. */
  private async begin(last: Promise<void>): Promise<void> {
    await last.catch(() => undefined);
    this.next = null;
    this.current = this.idle();
    await this.current;
  }

  private async idle(): Promise<void> {
    await turn();
    await this.node.whenIdle();
    await this.node.poller?.poll(0);
    await this.node.whenIdle();
  }
}

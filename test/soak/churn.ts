import { setTimeout as sleep } from 'node:timers/promises';
import { type Member } from './fleet.js';

const ACTS = ['kill', 'stop', 'freeze', 'cut', 'reset'] as const;
type Act = (typeof ACTS)[number];

interface ChurnOptions {
  /** A number in [0, 1). */
  readonly random: () => number;
  /** How long a node is away at most. */
  readonly longestMs: number;
}

/** Ends, stops and cuts off nodes by turns until it is told to leave them alone. */
export class Churn {
  readonly counts = new Map<Act, number>(ACTS.map((act) => [act, 0]));
  private readonly stopping = new AbortController();
  private hands: readonly Promise<void>[] = [];

  constructor(private readonly options: ChurnOptions) {}

  /** Each group suffers one thing at a time. */
  start(groups: readonly (readonly Member[])[]): void {
    this.hands = groups.map((group) => this.churnOn(group));
  }

  /** Every node is there again, and reached by all. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.hands);
  }

  /** Rejects when a node does not start again. */
  get failed(): Promise<never> {
    return Promise.all(this.hands).then(() => new Promise<never>(() => undefined));
  }

  private async churnOn(group: readonly Member[]): Promise<void> {
    for (let turn = 0; !this.stopping.signal.aborted; turn += 1) {
      const member = group[Math.floor(this.options.random() * group.length)];
      // Each in its turn, so that a short soak has them all.
      const act = ACTS[turn % ACTS.length] ?? 'kill';
      if (member !== undefined) await this.suffer(member, act);
      this.counts.set(act, (this.counts.get(act) ?? 0) + 1);
      await this.pause();
    }
  }

  private async suffer(member: Member, act: Act): Promise<void> {
    if (act === 'kill' || act === 'stop') {
      await member.endAndStartAgain(act === 'kill' ? 'SIGKILL' : 'SIGTERM', this.pause());
    } else if (act === 'reset') {
      member.road.reset();
    } else if (act === 'cut') {
      member.road.stall();
      await this.pause();
      member.road.heal();
    } else {
      member.node.signal('SIGSTOP');
      await this.pause();
      member.node.signal('SIGCONT');
    }
  }

  private async pause(): Promise<void> {
    const { signal } = this.stopping;
    await sleep(this.options.random() * this.options.longestMs, undefined, { signal }).catch(() => undefined);
  }
}

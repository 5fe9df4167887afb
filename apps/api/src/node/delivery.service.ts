import { type Owed } from '@musubi/cell';
import { type Listening } from '@musubi/database';
import { type AttemptOutcome, Courier, OUTBOX_CHANNEL, OutboxWorker, type OwedWork } from '@musubi/delivery';
import { type AgentPubKey, type Strategies } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from './node-context.js';
import { NODE, STRATEGIES } from './tokens.js';

const MAX_LANES = 32;
/** Well below the lease of a step, 20 s by default: the fallback where no word comes from PostgreSQL. */
const POLL_MS = 5000;

/** What this process does about owed steps: first attempts at once, the rest by the worker. */
@Injectable()
export class Delivery {
  private readonly courier: Courier;
  private readonly worker: OutboxWorker;
  private listening: Listening | undefined;
  private readonly underway = new Set<Promise<unknown>>();

  constructor(
    @Inject(NODE) private readonly node: ServiceNode,
    @Inject(STRATEGIES) strategies: Strategies,
  ) {
    const { clock, keyring, log, outbox } = node;
    // Jitter only has to differ from process to process.
    this.courier = new Courier({ node, outbox, strategies, jitter: () => Math.random() });
    this.worker = new OutboxWorker({
      outbox,
      courier: this.courier,
      clock,
      log,
      online: () => keyring.online(),
      maxLanes: MAX_LANES,
      pollMs: POLL_MS,
    });
  }

  start(): void {
    this.worker.start();
    this.listening = this.node.listen(OUTBOX_CHANNEL, () => {
      this.worker.wake();
    });
  }

  /** Looks at the outbox now: an agent came online. */
  resume(): void {
    this.worker.wake();
  }

  /** Finishes what is in hand. */
  async stop(): Promise<void> {
    await this.listening?.close();
    await this.worker.stop();
    await Promise.allSettled(this.underway);
  }

  /** The first attempt at a step that was just committed: its lease keeps the worker away meanwhile. */
  attempt(holder: AgentPubKey, owed: Owed): Promise<AttemptOutcome> {
    const { clock } = this.node;
    const first = {
      holder,
      owed,
      lane: '',
      attempt: 0,
      dueAt: clock.now(),
      isFailed: false,
      lastError: null,
    };
    return this.keep(this.courier.attempt(first));
  }

  /** Begins again, for an owner that asks: probes first, since nobody knows how the last attempt ended. */
  async retry(holder: AgentPubKey, owed: Owed): Promise<AttemptOutcome> {
    const keys = this.node.keyring.keysOf(holder);
    const work = await this.node.outbox.find(keys, owed);
    if (work === null || !(await this.node.outbox.renew(keys, owed))) return this.attempt(holder, owed);
    return this.keep(this.courier.attempt({ ...work, attempt: 0, lastError: 'remote-call-unknown' }));
  }

  /** How an owed step stands; `null` when it is not owed. */
  find(holder: AgentPubKey, owed: Owed): Promise<OwedWork | null> {
    return this.node.outbox.find(this.node.keyring.keysOf(holder), owed);
  }

  private keep<Value>(work: Promise<Value>): Promise<Value> {
    this.underway.add(work);
    return work.finally(() => this.underway.delete(work));
  }
}

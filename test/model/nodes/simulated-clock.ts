import { type Timestamp } from '@musubi/messaging';
import { type SimClock } from '@musubi/network/nodes';
import { AdvancingClock } from '@musubi/testing';

/** The clock of simulated nodes, as a node for tests takes it: no time passes by itself. */
export class SimulatedClock extends AdvancingClock {
  constructor(private readonly time: SimClock) {
    super();
  }

  override now(): Timestamp {
    return this.time.now();
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.time.sleep(ms, signal);
  }
}

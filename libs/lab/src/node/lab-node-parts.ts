import { type RandomBytes } from '@musubi/crypto';
import { type Clock } from '@musubi/messaging';
import { type RemoteCalls, type Signals } from '@musubi/network';
import { type DataSource } from 'typeorm';
import { type Variant } from './variants.js';

export interface LabNodeParts {
  readonly db: DataSource;
  readonly variant: Variant;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** How long a remote call may take before its outcome is unknown. */
  readonly callTimeoutMs: number;
  /** A number in [0, 1), for faults with a probability. */
  readonly chance: () => number;
  /** How many clones an agent may have; more than a lab's agent has peers, when absent. */
  readonly cloneLimit?: number;
  /** How the delay of a remote call passes; on the clock, when absent. */
  readonly delays?: Pick<Clock, 'sleep'>;
  /** Stands between the node and its network: a wiretap, a counter. */
  readonly listen?: (calls: RemoteCalls) => RemoteCalls;
  /** Wraps the signals that the node sends. */
  readonly hold?: (signals: Signals) => Signals;
}

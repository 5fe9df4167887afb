import { type Variant } from '../node/variants.js';
import { type Parameters, type Report } from '../report/report.js';
import { type Workload } from '../workloads/workload.js';
import { type SimulatedFault } from './simulated-faults.js';
import { type Part } from './parts.js';

/** What is to be compared, and on what. */
export interface Comparison {
  readonly variants: readonly Variant[];
  readonly workload: Workload;
  readonly parameters: Parameters;
  readonly parts: readonly Part[];
  /** What goes wrong with the remote calls of the simulated run. */
  readonly faults: readonly SimulatedFault[];
  /** Messages in the load figures, for each number of senders. */
  readonly loadMessages: number;
  /** A partial report of the same comparison: what it holds is not measured again. */
  readonly begun?: Report | undefined;
}

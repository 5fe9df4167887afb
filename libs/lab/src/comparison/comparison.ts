import { type Variant } from '../node/variants.js';
import { type Parameters, type Report } from '../report/report.js';
import { type SimulatedFault } from '../workloads/simulated-faults.js';
import { type Workload, hashOf, sendsOf } from '../workloads/workload.js';
import { type Part } from './parts.js';

/** What is to be compared, and on what. */
export interface Comparison {
  readonly variants: readonly Variant[];
  readonly workload: Workload;
  readonly parameters: Parameters;
  readonly parts: readonly Part[];
  /** What goes wrong with the remote calls of the simulated run. */
  readonly faults: readonly SimulatedFault[];
  /** Messages that each half of a round of load sends, before three more for each sender. */
  readonly loadMessages: number;
  /** A partial report of the same comparison: what it holds is not measured again. */
  readonly begun?: Report | undefined;
}

/** What somebody may choose of a comparison, besides its workload. */
interface Choices {
  readonly seed: number;
  readonly concurrency: readonly number[];
  readonly redundancy: number;
  readonly variants: readonly Variant[];
  readonly parts: readonly Part[];
  readonly faults?: readonly SimulatedFault[];
}

/** With these a round of the default placements takes a second or more on two cores: long enough to see who used them. */
const LOAD_MESSAGES = 40;

/** The comparison that was chosen, with its parameters as the report will name them. */
export function comparisonOf(choices: Choices, workload: Workload): Comparison {
  const { seed, concurrency, redundancy, variants, parts, faults = [] } = choices;
  const parameters = {
    seed,
    workload: workload.name,
    agents: workload.agents,
    messages: sendsOf(workload).length,
    concurrency,
    redundancy,
    variants: variants.map(({ name }) => name),
    parts,
    faults,
    workloadHash: hashOf(workload),
  };
  return { variants, workload, parameters, parts, faults, loadMessages: LOAD_MESSAGES };
}

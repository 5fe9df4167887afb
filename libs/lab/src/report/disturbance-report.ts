/** What else the machine did while something was measured. */
export interface Disturbance {
  readonly seconds: number;
  /** The share of all cores' time that others used, stolen time among it; `null` where it is not known. */
  readonly foreignCpuShare: number | null;
  /** Of that, what a hypervisor gave to other machines. */
  readonly stolenCpuShare: number | null;
  /** How long the comparison's threads stood ready without a core, by all cores' time: also because of one another. */
  readonly runDelayShare: number | null;
  /** How late the event loop was, at most, by its own work or not. */
  readonly longestStallMs: number;
  /** The same less the CPU time that the process used meanwhile. */
  readonly longestPauseMs: number;
}

/** Whether a figure of real time counts, and beside what it was measured. */
export interface Validity {
  /** Why it does not count, though it was repeated; `null` where it counts. */
  readonly notValid: string | null;
  /** Over the rounds that it is of. */
  readonly disturbance: Disturbance;
  /** Rounds that were measured beside too much, and again. */
  readonly repeatedRounds: number;
}

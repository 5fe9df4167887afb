import { type Disturbance } from '../report/disturbance-report.js';

/** Beside more than this, by all cores' time, a figure of real time does not count: see docs/measuring.md. */
export const FOREIGN_CPU_BOUND = 0.05;
/** A process that waits longer for its turn was stopped, or shares its core with something that does not give way. */
export const PAUSE_BOUND_MS = 200;

/** Why a figure does not count that was measured beside this; `null` where it counts. What is not known is no reason. */
export function faultIn({ foreignCpuShare, longestPauseMs }: Disturbance): string | null {
  if (foreignCpuShare !== null && foreignCpuShare > FOREIGN_CPU_BOUND) {
    return `others used ${percent(foreignCpuShare)} of the CPU time, more than ${percent(FOREIGN_CPU_BOUND)}`;
  }
  if (longestPauseMs > PAUSE_BOUND_MS) {
    return `the process stood still for ${Math.round(longestPauseMs)} ms, longer than ${PAUSE_BOUND_MS}`;
  }
  return null;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

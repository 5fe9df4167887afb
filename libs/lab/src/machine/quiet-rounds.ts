import { type Disturbance, type Validity } from '../report/disturbance-report.js';
import { type MachineWatch } from './machine-watch.js';
import { faultIn } from './validity.js';

/**
 * The least and the greatest of six rounds have the median of all possible rounds between them with a chance of
 * 1 − 2/2⁶ = 0.969, however they are distributed (the sign test's interval: David & Nagaraja 2003, ch. 7.1).
 */
export const ROUNDS = 6;
/** So many rounds may be measured again. */
const REPEATS = 3;

export interface Rounds<Round> {
  /** Those that count; those that there are where none of the figures counts. */
  readonly rounds: readonly Round[];
  readonly validity: Validity;
}

interface Measured<Round> {
  readonly result: Round;
  readonly disturbance: Disturbance;
}

/** Measures in rounds. One beside which others were too busy is measured again; of too many such, nothing counts. */
export async function quietRounds<Round>(
  machine: Pick<MachineWatch, 'during'>,
  measure: () => Promise<Round>,
): Promise<Rounds<Round>> {
  const quiet: Measured<Round>[] = [];
  const disturbed: Measured<Round>[] = [];
  const faults: string[] = [];
  while (quiet.length < ROUNDS && disturbed.length <= REPEATS) {
    const measured = await machine.during(measure);
    const fault = faultIn(measured.disturbance);
    if (fault !== null) faults.push(fault);
    (fault === null ? quiet : disturbed).push(measured);
  }
  const isQuiet = quiet.length === ROUNDS;
  const kept = isQuiet ? quiet : disturbed;
  return {
    rounds: kept.map(({ result }) => result),
    validity: {
      notValid: isQuiet ? null : (faults.at(-1) ?? null),
      disturbance: together(kept.map(({ disturbance }) => disturbance)),
      repeatedRounds: Math.min(disturbed.length, REPEATS),
    },
  };
}

/** Shares by the seconds that they are of; the longest of what was longest. */
function together(disturbances: readonly Disturbance[]): Disturbance {
  const seconds = disturbances.reduce((sum, one) => sum + one.seconds, 0);
  const share = (of: (one: Disturbance) => number | null): number | null => {
    const parts = disturbances.map((one) => ({ share: of(one), seconds: one.seconds }));
    return parts.some((part) => part.share === null)
      ? null
      : parts.reduce((sum, part) => sum + (part.share ?? 0) * (part.seconds / seconds), 0);
  };
  return {
    seconds,
    foreignCpuShare: share(({ foreignCpuShare }) => foreignCpuShare),
    stolenCpuShare: share(({ stolenCpuShare }) => stolenCpuShare),
    runDelayShare: share(({ runDelayShare }) => runDelayShare),
    longestStallMs: Math.max(...disturbances.map(({ longestStallMs }) => longestStallMs)),
    longestPauseMs: Math.max(...disturbances.map(({ longestPauseMs }) => longestPauseMs)),
  };
}

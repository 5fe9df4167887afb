import { type CommitFaultRule, type Commits, FaultyCommits } from '@musubi/cell';
import { type Clock } from '@musubi/messaging';
import { FaultPlan, FaultyRemoteCalls, type NetworkFaultRule, type RemoteCalls } from '@musubi/network';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface FaultRules {
  /** Begins the randomness of `probability` anew: the same seed strikes alike. */
  readonly seed: number;
  readonly network: readonly NetworkFaultRule[];
  readonly commits: readonly CommitFaultRule[];
}

/** The faults this process suffers on request. Exists only with `LAB=1`. */
export class LabFaults {
  private readonly network = new FaultPlan<NetworkFaultRule>(fractions(0));
  private readonly commits = new FaultPlan<CommitFaultRule>(fractions(0));

  set({ seed, network, commits }: FaultRules): void {
    const random = fractions(seed);
    this.network.set(network, random);
    this.commits.set(commits, random);
  }

  faultyCalls(calls: RemoteCalls, clock: Pick<Clock, 'sleep'>): RemoteCalls {
    return new FaultyRemoteCalls(calls, this.network, clock);
  }

  faultyCommits(): Commits {
    return new FaultyCommits(this.commits, dieNow);
  }
}

function fractions(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** As by a power cut: no handler runs, nothing is flushed. */
function dieNow(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

import { type CommitFaultRule } from '@musubi/cell';
import { FaultPlan, type NetworkFaultRule } from '@musubi/network';
import { type NodeFaults } from '@musubi/node';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

interface FaultRules {
  /** Begins the randomness of `probability` anew: the same seed strikes alike. */
  readonly seed: number;
  readonly network: readonly NetworkFaultRule[];
  readonly commits: readonly CommitFaultRule[];
}

/** The faults this process suffers on request. Exists only with `LAB=1`. */
export class LabFaults implements NodeFaults {
  readonly network = new FaultPlan<NetworkFaultRule>(fractions(0));
  readonly commits = new FaultPlan<CommitFaultRule>(fractions(0));

  set({ seed, network, commits }: FaultRules): void {
    const random = fractions(seed);
    this.network.set(network, random);
    this.commits.set(commits, random);
  }

  /** As by a power cut: no handler runs, nothing is flushed. */
  crash(): Promise<never> {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  }
}

function fractions(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

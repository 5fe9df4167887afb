import { performance } from 'node:perf_hooks';
import { type Disturbance } from '../report/disturbance-report.js';
import { type KernelCounts, readKernelCounts } from './kernel-counts.js';
import { StallWatch } from './stall-watch.js';

interface MachineWatchParts {
  /** Whose processes are the comparison's own: this one, and all that descend from it; PostgreSQL among them. */
  readonly root?: number;
  /** Where the kernel's counts are. */
  readonly proc?: string;
}

/** Watches what else a machine does while something is measured. */
export class MachineWatch {
  private readonly root: number;
  private readonly proc: string;

  constructor({ root = process.pid, proc = '/proc' }: MachineWatchParts = {}) {
    this.root = root;
    this.proc = proc;
  }

  /** What the comparison's processes have written to disks since they began; `null` where it is not known. */
  writtenBytes(): number | null {
    return this.read()?.writtenBytes ?? null;
  }

  async during<Result>(
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly disturbance: Disturbance }> {
    const before = this.read();
    const begun = performance.now();
    const stalls = new StallWatch();
    try {
      const result = await work();
      const seconds = (performance.now() - begun) / 1000;
      const { longestStallMs, longestPauseMs } = stalls.stop();
      const shares = sharesOf(before, this.read(), seconds);
      return { result, disturbance: { seconds, ...shares, longestStallMs, longestPauseMs } };
    } finally {
      stalls.stop();
    }
  }

  private read(): KernelCounts | null {
    return readKernelCounts(this.root, this.proc);
  }
}

type Shares = Pick<Disturbance, 'foreignCpuShare' | 'stolenCpuShare' | 'runDelayShare'>;

/** Of all cores' time. What is neither idle, nor the kernel's, nor our own is somebody else's. */
function sharesOf(before: KernelCounts | null, after: KernelCounts | null, seconds: number): Shares {
  if (before === null || after === null || seconds === 0)
    return { foreignCpuShare: null, stolenCpuShare: null, runDelayShare: null };
  const capacity = after.cores * seconds * 1000;
  const grown = (count: 'idleMs' | 'kernelMs' | 'ownMs' | 'stolenMs'): number => after[count] - before[count];
  const foreign = capacity - grown('idleMs') - grown('kernelMs') - grown('ownMs');
  const isDelayKnown = before.runDelayMs !== null && after.runDelayMs !== null;
  return {
    foreignCpuShare: within(foreign / capacity),
    stolenCpuShare: within(grown('stolenMs') / capacity),
    runDelayShare: isDelayKnown ? Math.max(0, after.runDelayMs - before.runDelayMs) / capacity : null,
  };
}

/** Counts are of slightly different moments, and rounded. */
function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}

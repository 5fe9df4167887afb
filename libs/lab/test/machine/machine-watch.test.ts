import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readKernelCounts } from '../../src/machine/kernel-counts.js';
import { MachineWatch } from '../../src/machine/machine-watch.js';
import { FOREIGN_CPU_BOUND, PAUSE_BOUND_MS, faultIn } from '../../src/machine/validity.js';
import { FakeProc } from './fake-proc.js';

const LAB = 50;
/** One that says when it has used half a second of CPU time, and goes on. */
const BUSY_LOOP = `
  const isDone = () => { const { user, system } = process.cpuUsage(); return user + system > 500_000; };
  while (!isDone());
  process.stdout.write('used', () => { for (;;); });`;
/** One that does nothing until it is ended. */
const IDLE = 'process.stdout.write("idle"); process.stdin.resume();';

const children: ChildProcess[] = [];
function run(script: string): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  if (child.pid === undefined) throw new Error('the child did not start');
  return Object.assign(child, { pid: child.pid });
}
function saysSomething(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('the child has no output');
  return once(child.stdout, 'data');
}

let proc: FakeProc;
beforeEach(() => {
  proc = new FakeProc();
});
afterEach(async () => {
  proc.remove();
  // The next test reads how much CPU time this process and its children have used.
  await Promise.all(children.splice(0).map(ended));
});

async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

describe('a machine that is watched', () => {
  it('shows the CPU time of a busy loop that is nobody of ours', async () => {
    const own = run(IDLE);
    await saysSomething(own);
    const { disturbance } = await new MachineWatch({ root: own.pid }).during(() =>
      saysSomething(run(BUSY_LOOP)),
    );

    const isKnown = process.platform === 'linux';
    expect(faultIn({ ...disturbance, longestPauseMs: 0 })).toEqual(
      isKnown ? expect.stringMatching(/^others used \d+ % of the CPU time, more than 5 %$/) : null,
    );
    expect(disturbance.foreignCpuShare === null).toBe(!isKnown);
  });

  it('counts the busy loop as its own where it descends from it', async () => {
    const before = readKernelCounts(process.pid);
    await saysSomething(run(BUSY_LOOP));
    const after = readKernelCounts(process.pid);

    const used = (after?.ownMs ?? NaN) - (before?.ownMs ?? NaN);
    expect(process.platform === 'linux' ? used : 500).toBeGreaterThanOrEqual(500);
  });

  it('takes what is neither idle, nor the kernel’s, nor its own for others’', async () => {
    proc.machine({ idle: 1000 });
    proc.process({ pid: LAB, parent: 1, ran: 0 });
    proc.process({ pid: 3, parent: 2, ran: 0 });
    const { disturbance } = await new MachineWatch({ root: LAB, proc: proc.path }).during(async () => {
      await sleep(100);
      // Ticks of 10 ms.
      proc.machine({ idle: 1008 });
      proc.process({ pid: LAB, parent: 1, ran: 50, delayed: 20 });
      proc.process({ pid: 3, parent: 2, ran: 25 });
    });

    const ofTwoCoresMs = 2 * 1000 * disturbance.seconds;
    expect(disturbance.foreignCpuShare).toBeCloseTo(1 - (80 + 50 + 25) / ofTwoCoresMs, 9);
    expect(disturbance.runDelayShare).toBeCloseTo(20 / ofTwoCoresMs, 9);
  });

  it('says that nothing is known where there is no /proc, and that is no fault', async () => {
    const { result, disturbance } = await new MachineWatch({ proc: `${proc.path}/none` }).during(() =>
      Promise.resolve('measured'),
    );

    expect(result).toBe('measured');
    expect(disturbance).toMatchObject({ foreignCpuShare: null, stolenCpuShare: null, runDelayShare: null });
    expect(faultIn(disturbance)).toBeNull();
  });

  it('tells a stall by its own work from a pause in which it did nothing', async () => {
    const watch = new MachineWatch({ proc: `${proc.path}/none` });
    const working = await watch.during(() => {
      const begun = performance.now();
      while (performance.now() - begun < 300);
      return Promise.resolve();
    });
    const paused = await watch.during(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * PAUSE_BOUND_MS);
      return Promise.resolve();
    });

    expect(working.disturbance.longestStallMs).toBeGreaterThanOrEqual(280);
    // Less the CPU time of the other threads of this process.
    expect(paused.disturbance.longestPauseMs).toBeGreaterThan(1.5 * PAUSE_BOUND_MS);
    expect(faultIn(paused.disturbance)).toMatch(/^the process stood still for \d+ ms, longer than 200$/);
  });

  it('counts up to the bound, and not beyond it', () => {
    const quiet = {
      seconds: 1,
      stolenCpuShare: 0,
      runDelayShare: 1,
      longestStallMs: 5000,
      longestPauseMs: PAUSE_BOUND_MS,
    };
    expect(faultIn({ ...quiet, foreignCpuShare: FOREIGN_CPU_BOUND })).toBeNull();
    expect(faultIn({ ...quiet, foreignCpuShare: FOREIGN_CPU_BOUND + 0.01 })).toMatch(/^others used 6 %/);
    expect(faultIn({ ...quiet, foreignCpuShare: 0, longestPauseMs: PAUSE_BOUND_MS + 1 })).not.toBeNull();
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readKernelCounts } from '../../src/machine/kernel-counts.js';
import { FakeProc } from './fake-proc.js';

const [LAB, SERVER, BACKEND, STRANGER] = [50, 60, 61, 70];

let proc: FakeProc;
beforeEach(() => {
  proc = new FakeProc();
  proc.machine({ idle: 900, iowait: 100, irq: 5, steal: 20 });
  proc.process({ pid: 2, parent: 0, name: 'kthreadd', ran: 3 });
  proc.process({ pid: 3, parent: 2, name: 'kworker/0:0-events', ran: 40 });
  proc.process({ pid: STRANGER, parent: 1, ran: 5000, delayed: 600, written: 7_000_000 });
  proc.process({ pid: LAB, parent: STRANGER, ran: 1000, delayed: 30, written: 1000 });
  proc.process({
    pid: SERVER,
    parent: LAB,
    name: 'postgres (main) 2',
    ran: 200,
    endedTicks: 7,
    written: 2000,
  });
  proc.process({ pid: BACKEND, parent: SERVER, ran: 500, delayed: 4, written: 4000 });
});
afterEach(() => {
  proc.remove();
});

describe('the kernel’s counts', () => {
  it('are of one process and all that descend from it, those that ended among them', () => {
    expect(readKernelCounts(LAB, proc.path)).toEqual({
      cores: 2,
      idleMs: 10_000,
      kernelMs: 50 + 43,
      stolenMs: 200,
      ownMs: 1000 + 200 + 70 + 500,
      runDelayMs: 34,
      writtenBytes: 7000,
    });
  });

  it('come in ticks where the scheduler does not tell, and without delays', () => {
    proc.end(BACKEND);
    proc.process({ pid: BACKEND, parent: SERVER, ownTicks: 52, written: 1 });

    expect(readKernelCounts(LAB, proc.path)).toMatchObject({ ownMs: 1790, runDelayMs: null });
  });

  it('say nothing of written bytes where those of one process may not be read', () => {
    proc.end(BACKEND);
    proc.process({ pid: BACKEND, parent: SERVER, ran: 500 });

    expect(readKernelCounts(LAB, proc.path)?.writtenBytes).toBeNull();
  });

  it('leave out the written bytes of one that has ended, which its parent will have', () => {
    proc.end(BACKEND);
    proc.process({ pid: BACKEND, parent: SERVER, ran: 500, state: 'Z' });

    expect(readKernelCounts(LAB, proc.path)?.writtenBytes).toBe(3000);
  });

  it('are not known without /proc', () => {
    expect(readKernelCounts(LAB, `${proc.path}/none`)).toBeNull();
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface FakeProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name?: string;
  /** As in proc(5): `S` sleeps, `Z` has ended. */
  readonly state?: 'S' | 'Z';
  /** What its one thread ran and waited for a core; the scheduler does not tell when absent. ms */
  readonly ran?: number;
  readonly delayed?: number;
  readonly ownTicks?: number;
  readonly endedTicks?: number;
  readonly written?: number;
}

/** A folder that looks like the `/proc` of a machine with two cores. */
export class FakeProc {
  readonly path = mkdtempSync(join(tmpdir(), 'proc-'));

  /** Ticks of both cores together. */
  machine(ticks: {
    readonly idle: number;
    readonly iowait?: number;
    readonly irq?: number;
    readonly steal?: number;
  }): void {
    const { idle, iowait = 0, irq = 0, steal = 0 } = ticks;
    const line = `700 10 300 ${idle} ${iowait} ${irq} 0 ${steal} 0 0`;
    this.file('stat', `cpu  ${line}\ncpu0 ${line}\ncpu1 ${line}\nintr 1 2 3\n`);
  }

  process(process: FakeProcess): void {
    const { pid, parent, name = 'node', state = 'S', ran, delayed = 0, written } = process;
    const { ownTicks = 0, endedTicks = 0 } = process;
    const times = `${ownTicks} 0 ${endedTicks} 0`;
    const line = `${pid} (${name}) ${state} ${parent} 1 1 0 -1 4194304 99 0 0 0 ${times} 20 0 1 0 50898\n`;
    this.file(`${pid}/stat`, line);
    if (ran !== undefined) this.file(`${pid}/task/${pid}/schedstat`, `${ran * 1e6} ${delayed * 1e6} 7\n`);
    if (written !== undefined)
      this.file(`${pid}/io`, `rchar: 1\nwrite_bytes: ${written + 100}\ncancelled_write_bytes: 100\n`);
  }

  end(pid: number): void {
    rmSync(join(this.path, String(pid)), { recursive: true });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  private file(name: string, text: string): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

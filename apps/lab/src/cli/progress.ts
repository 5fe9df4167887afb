import { type WriteStream } from 'node:tty';

const WIDTH = 24;
const EVERY_MS = 100;

/** One line that tells how far a comparison is; on something that is no terminal, a line for each new part. */
export class Progress {
  private part = '';
  private since = 0;
  private shown = 0;

  constructor(
    private readonly out: Pick<WriteStream, 'isTTY' | 'write'>,
    private readonly now: () => number,
  ) {}

  /** `done` of `all` steps of this part are over. */
  show(part: string, done: number, all: number): void {
    const now = this.now();
    if (part !== this.part) [this.part, this.since, this.shown] = [part, now, -Infinity];
    else if (!this.out.isTTY || now - this.shown < EVERY_MS) return;
    this.shown = now;
    this.out.write(this.out.isTTY ? `\r\u001b[K${this.bar(done, all, now)}` : `${part}\n`);
  }

  end(): void {
    if (this.out.isTTY) this.out.write('\r\u001b[K');
  }

  private bar(done: number, all: number, now: number): string {
    const share = all === 0 ? 1 : done / all;
    const filled = Math.round(WIDTH * share);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
    return `${bar} ${this.part} ${done}/${all}${this.rest(done, all, (now - this.since) / 1000)}`;
  }

  /** Nothing can be foretold before a first step is over. */
  private rest(done: number, all: number, seconds: number): string {
    if (done === 0 || seconds === 0) return '';
    const rate = done / seconds;
    return `  ${rate.toFixed(rate < 10 ? 1 : 0)}/s, ${((all - done) / rate).toFixed(0)} s left`;
  }
}

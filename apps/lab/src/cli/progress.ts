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
    const filled = Math.round((WIDTH * done) / all);
    const seconds = (now - this.since) / 1000;
    const rate = done / seconds;
    const rest = done === 0 ? '' : `  ${rate.toFixed(0)}/s, ${((all - done) / rate).toFixed(0)} s left`;
    return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${this.part} ${done}/${all}${rest}`;
  }
}

import { type ComparisonProgress } from './messages.js';

const EVERY_MS = 200;

/** Tells how far a comparison is: each new part at once, and no more often than anybody looks. */
export class ProgressTeller {
  private part = '';
  private since = 0;
  private told = -Infinity;

  constructor(
    private readonly variants: readonly string[],
    private readonly now: () => number,
    private readonly tell: (progress: ComparisonProgress) => void,
  ) {}

  /** Nothing of a variant goes on before this. */
  begin(step: string): void {
    const rates = { perSecond: null, secondsLeft: null };
    const variants = { variantsDone: 0, variantsTotal: this.variants.length };
    this.tell({ variant: null, step, done: 0, total: 1, ...rates, ...variants });
  }

  /** @param part as in `source-chain: messages` */
  readonly onStep = (part: string, done: number, total: number): void => {
    const now = this.now();
    if (part !== this.part) [this.part, this.since] = [part, now];
    else if (now - this.told < EVERY_MS) return;
    this.told = now;
    const [variant = '', step = ''] = part.split(': ');
    const perSecond = done === 0 || now === this.since ? null : (1000 * done) / (now - this.since);
    this.tell({
      variant,
      step,
      done,
      total,
      perSecond,
      secondsLeft: perSecond === null ? null : (total - done) / perSecond,
      variantsDone: Math.max(0, this.variants.indexOf(variant)),
      variantsTotal: this.variants.length,
    });
  };
}

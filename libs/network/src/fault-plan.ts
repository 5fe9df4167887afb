/** How many of the things it fits a rule strikes; all of them unless it says otherwise. */
export interface FaultBounds {
  /** Not the first so many that it could strike. */
  readonly after?: number | undefined;
  /** Only the first so many that it could strike. */
  readonly times?: number | undefined;
  /** Only so many of them, from 0 to 1, drawn by the plan's randomness. */
  readonly probability?: number | undefined;
}

interface ArmedRule<Rule> {
  readonly rule: Rule;
  left: number;
  /** Still to be spared. */
  spared: number;
}

/** The faults that are to happen. Replaced as a whole; the same randomness gives the same faults. */
export class FaultPlan<Rule extends FaultBounds> {
  private armed: ArmedRule<Rule>[] = [];
  private strikes = 0;

  constructor(
    /** A number in [0, 1), seeded. */
    private random: () => number,
  ) {}

  /** `random` too begins anew when it is given. */
  set(rules: readonly Rule[], random: () => number = this.random): void {
    this.random = random;
    this.armed = rules.map((rule) => ({ rule, left: rule.times ?? Infinity, spared: rule.after ?? 0 }));
  }

  /** How often any rule has struck so far. */
  get struck(): number {
    return this.strikes;
  }

  /** The first rule that fits and strikes, if any: it counts as having struck. */
  strike(fits: (rule: Rule) => boolean): Rule | undefined {
    for (const armed of this.armed) {
      const { rule } = armed;
      if (armed.left <= 0 || !fits(rule) || isSpared(armed)) continue;
      if (rule.probability !== undefined && this.random() >= rule.probability) continue;
      armed.left -= 1;
      this.strikes += 1;
      return rule;
    }
    return undefined;
  }
}

function isSpared(armed: { spared: number }): boolean {
  if (armed.spared === 0) return false;
  armed.spared -= 1;
  return true;
}

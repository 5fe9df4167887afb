/** How many of the things it fits a rule strikes; all of them unless it says otherwise. */
export interface FaultBounds {
  /** Only the first so many that it could strike. */
  readonly times?: number | undefined;
  /** Only so many of them, from 0 to 1, drawn by the plan's randomness. */
  readonly probability?: number | undefined;
}

interface ArmedRule<Rule> {
  readonly rule: Rule;
  left: number;
}

/** The faults that are to happen. Replaced as a whole; the same randomness gives the same faults. */
export class FaultPlan<Rule extends FaultBounds> {
  private armed: ArmedRule<Rule>[] = [];

  constructor(
    /** A number in [0, 1), seeded. */
    private random: () => number,
  ) {}

  /** `random` too begins anew when it is given. */
  set(rules: readonly Rule[], random: () => number = this.random): void {
    this.random = random;
    this.armed = rules.map((rule) => ({ rule, left: rule.times ?? Infinity }));
  }

  /** The first rule that fits and strikes, if any: it counts as having struck. */
  strike(fits: (rule: Rule) => boolean): Rule | undefined {
    for (const armed of this.armed) {
      const { rule } = armed;
      if (armed.left <= 0 || !fits(rule)) continue;
      if (rule.probability !== undefined && this.random() >= rule.probability) continue;
      armed.left -= 1;
      return rule;
    }
    return undefined;
  }
}

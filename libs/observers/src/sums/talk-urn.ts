/** α: few pairs talk at all. From 0.05 to 0.3, ten days gave an AUC between 0.98 and 0.99. */
const BEFOREHAND = 0.1;
/** The logarithm of how likely a message is that cannot be: to oneself, or with nobody. */
const IMPOSSIBLE = -8;

/**
 * How likely messages are before anybody adds them up. Who talks in an interval is drawn from Pólya's urn: each two agents
 * in proportion to α and to the other intervals in which they talk. How many messages they have in it follows the
 * logarithmic series, 1/x (Fisher, Corbet & Williams 1943), as another urn within each interval leads to. Both together are
 * the Chinese restaurant franchise (Teh, Jordan, Beal & Blei 2006) with one table for each dish.
 */
export class TalkUrn {
  /** In how many intervals each two talk. */
  private readonly times: Uint32Array;
  private all = 0;
  private readonly logCounts: Float64Array;
  private readonly logTimes: Float64Array;
  /** Place by place, Σ log(αN + i) over all i below, N being all pairs. */
  private readonly logDraws: Float64Array;

  /**
   * @param agents agents have numbers below; another number is nobody
   * @param most messages in all intervals
   */
  constructor(
    private readonly agents: number,
    intervals: number,
    most: number,
  ) {
    this.times = new Uint32Array(agents ** 2);
    this.logCounts = Float64Array.from({ length: most + 1 }, (_, count) => Math.log(count));
    this.logTimes = Float64Array.from({ length: intervals + 1 }, (_, times) => Math.log(BEFOREHAND + times));
    this.logDraws = new Float64Array(most + 1);
    const pairs = (agents * (agents - 1)) / 2;
    for (let draw = 0; draw < most; draw += 1) {
      this.logDraws[draw + 1] = (this.logDraws[draw] ?? 0) + Math.log(BEFOREHAND * pairs + draw);
    }
  }

  /** Counts an interval in which these two talk in, or out. */
  put(a: number, b: number, by: 1 | -1): void {
    if (!this.isPossible(a, b)) return;
    const place = this.placeOf(a, b);
    this.times[place] = (this.times[place] ?? 0) + by;
    this.all += by;
  }

  isPossible(a: number, b: number): boolean {
    return a !== b && a < this.agents && b < this.agents;
  }

  timesOf(a: number, b: number): number {
    return this.times[this.placeOf(a, b)] ?? 0;
  }

  /**
   * The logarithm of how likely these two have so many messages in an interval that is not counted yet, but for
   * `logDrawn`; 0 for no messages.
   */
  logOf(a: number, b: number, count: number): number {
    if (count === 0) return 0;
    if (!this.isPossible(a, b)) return IMPOSSIBLE * count;
    return (this.logTimes[this.timesOf(a, b)] ?? 0) - (this.logCounts[count] ?? 0);
  }

  /** The logarithm of what all of these share when so many pairs more are drawn, one after the other. */
  logDrawn(pairs: number): number {
    return (this.logDraws[this.all] ?? 0) - (this.logDraws[this.all + pairs] ?? 0);
  }

  private placeOf(a: number, b: number): number {
    return a < b ? a * this.agents + b : b * this.agents + a;
  }
}

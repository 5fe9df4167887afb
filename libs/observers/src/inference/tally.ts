/** A running number for each agent. */
export class Tally {
  readonly values: Float64Array;

  constructor(agents: number) {
    this.values = new Float64Array(agents);
  }

  at(agent: number): number {
    return this.values[agent] ?? 0;
  }

  add(agent: number, by: number): void {
    this.values[agent] = this.at(agent) + by;
  }
}

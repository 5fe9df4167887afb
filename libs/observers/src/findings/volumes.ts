import { toBase64Url } from '@musubi/crypto';
import { Tally } from '../inference/tally.js';
import { type NamedRow } from './naming.js';

/** Bytes that everybody can compute from an agent's key, and that stand for it in what is stored. */
export interface Address {
  /** Its number. */
  readonly agent: number;
  readonly bytes: Uint8Array;
  /** Where addresses change with time, such as day by day: the number of that day. */
  readonly period?: number;
}

/** How much there is of each agent in what a party reads, whomever it is with: rows of its own, or at its address. */
export class VolumeSense {
  private readonly rows: Tally;
  private readonly agentAt: ReadonlyMap<string, number>;

  constructor(agents: number, addresses: readonly Address[]) {
    this.rows = new Tally(agents);
    this.agentAt = new Map(addresses.map(({ agent, bytes }) => [toBase64Url(bytes), agent]));
  }

  take({ owner, others }: NamedRow): void {
    const agent = owner ?? this.addressee(others);
    if (agent !== null) this.rows.add(agent, 1);
  }

  /** What all have alike, such as the rows of their joining, says nothing and is left off. */
  findings(): Tally {
    const least = this.rows.values.reduce((fewest, rows) => Math.min(fewest, rows), Infinity);
    const volumes = new Tally(this.rows.values.length);
    this.rows.values.forEach((rows, agent) => {
      volumes.add(agent, rows - least);
    });
    return volumes;
  }

  private addressee(others: NamedRow['others']): number | null {
    if (this.agentAt.size === 0) return null;
    for (const [, value] of others) {
      const agent = value instanceof Uint8Array ? this.agentAt.get(toBase64Url(value)) : undefined;
      if (agent !== undefined) return agent;
    }
    return null;
  }
}

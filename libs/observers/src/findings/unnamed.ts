import { toBase64Url } from '@musubi/crypto';
import { digest } from './digest.js';
import { type NamedRow } from './naming.js';
import { type Address } from './volumes.js';

/** Something left at an address that follows from one agent's key: a contact request, whose author is not named. */
export interface ContactRequest {
  readonly agent: number;
  /** Of the address, such as its day. */
  readonly period: number;
  /** The party's own time of the row, where it has one. */
  readonly at: number | undefined;
}

/** A column of rows that name nobody, by its values: where rows lie together, a mailbox perhaps. */
export interface UnnamedColumn {
  /** `table.column` */
  readonly field: string;
  /** How many rows each value has, and when they came; addresses of agents left out. */
  readonly boxes: ReadonlyMap<number, readonly (number | undefined)[]>;
  readonly requests: readonly ContactRequest[];
}

interface ColumnSoFar {
  readonly values: number[];
  readonly times: (number | undefined)[];
  readonly requests: ContactRequest[];
}

/** Bytes of other lengths are no hashes or keys. */
const [SHORTEST, LONGEST] = [16, 64];

/** What rows that name nobody have in common: values that stand in several of them, and agents' addresses. */
export class UnnamedSense {
  private readonly columns = new Map<string, ColumnSoFar>();
  private readonly addresses: ReadonlyMap<string, Address>;

  constructor(addresses: readonly Address[]) {
    this.addresses = new Map(addresses.map((address) => [toBase64Url(address.bytes), address]));
  }

  /** @param at the party's own time of the row */
  take({ table, agents, others }: NamedRow, at: number | undefined): void {
    if (agents.length > 0) return;
    for (const [column, value] of others) {
      if (!(value instanceof Uint8Array) || value.length < SHORTEST || value.length > LONGEST) continue;
      this.put(`${table}.${column}`, value, at);
    }
  }

  /** Only columns in which a value stands twice, or an address: in the others, each row is for itself. */
  findings(): readonly UnnamedColumn[] {
    return [...this.columns].flatMap(([field, { values, times, requests }]) => {
      const boxes = new Map<number, (number | undefined)[]>();
      if (new Set(values).size === values.length && requests.length === 0) return [];
      values.forEach((value, row) => {
        const box = boxes.get(value) ?? [];
        boxes.set(value, box);
        box.push(times[row]);
      });
      return [{ field, boxes, requests }];
    });
  }

  private put(field: string, value: Uint8Array, at: number | undefined): void {
    const soFar = this.columns.get(field) ?? { values: [], times: [], requests: [] };
    this.columns.set(field, soFar);
    const address = this.addresses.size === 0 ? undefined : this.addresses.get(toBase64Url(value));
    if (address !== undefined) {
      soFar.requests.push({ agent: address.agent, period: address.period ?? 0, at });
      return;
    }
    soFar.values.push(digest(value));
    soFar.times.push(at);
  }
}

/** The column in which most addresses of agents stand: what else stands there are mailboxes. `undefined` without any. */
export function mailboxColumn(columns: readonly UnnamedColumn[]): UnnamedColumn | undefined {
  const [most] = columns
    .filter(({ requests }) => requests.length > 0)
    .toSorted((one, other) => other.requests.length - one.requests.length);
  return most;
}

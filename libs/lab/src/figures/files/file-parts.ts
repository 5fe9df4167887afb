import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import {
  type HeldRow,
  type NeedleFinder,
  PairTable,
  SHORT_BYTES,
  type SizedRow,
  Tally,
  equalSizesSoonAfter,
  lesserVolume,
  rareSizes,
  sizesOf,
} from '@musubi/observers';
import { type Attack, isEmpty } from '../attacks.js';

/** What is as long belongs to a file: no text comes near it. */
export const FILE_BYTES = 8192;
export const CALLS = 'remote-call';

interface Part {
  /** `table.column` */
  readonly field: string;
  readonly bytes: number;
  /** Whose keys stand beside it. */
  readonly agents: readonly number[];
  readonly at: number | undefined;
}

/** What one party sees of files, row by row. */
export class FileParts {
  private readonly parts: Part[] = [];
  readonly found = new Set<string>();
  private readonly numbers: ReadonlyMap<string, number>;

  /** @param finder of what was planted */
  constructor(
    agents: readonly AgentPubKey[],
    private readonly finder: NeedleFinder<{ readonly text: string }>,
  ) {
    this.numbers = new Map(agents.map((agent, number) => [toBase64Url(fromBase64Url(agent)), number]));
  }

  take(row: HeldRow): void {
    const { at, table, values } = row;
    const agents = this.agentsIn(row);
    for (const [column, value] of Object.entries(values)) {
      if (value instanceof Uint8Array && value.length > SHORT_BYTES)
        for (const { text } of this.finder.find(value)) this.found.add(text);
      const bytes = partBytes(table, value);
      if (bytes >= FILE_BYTES) this.parts.push({ field: `${table}.${column}`, bytes, agents, at });
    }
  }

  get count(): number {
    return this.parts.length;
  }

  get bytes(): number {
    return this.parts.reduce((all, { bytes }) => all + bytes, 0);
  }

  get lengths(): number {
    return new Set(this.parts.map(({ bytes }) => bytes)).size;
  }

  /** Each way to tell who sent whom a file, but those with nothing to go by. @param agents among whom pairs are sought */
  attacks(agents: number): readonly Attack[] {
    const owned = this.parts.flatMap(({ agents: [agent, ...others], ...part }) =>
      agent !== undefined && agent < agents && others.length === 0 ? [{ ...part, agent }] : [],
    );
    const volumes = new Tally(agents);
    for (const { agent, bytes } of owned) volumes.add(agent, bytes);
    const sizes = sizesOf(agents, [...byLength(owned).values()]);
    const all: readonly Attack[] = [
      { attack: 'file-parts-name-both', scores: this.namedTogether(agents) },
      { attack: 'file-rare-sizes', scores: rareSizes(sizes) },
      { attack: 'file-equal-sizes-in-order', scores: equalSizesSoonAfter(sizes, Infinity) },
      { attack: 'file-lesser-volume', scores: lesserVolume(volumes) },
    ];
    return all.filter(({ scores }) => !isEmpty(scores));
  }

  private namedTogether(agents: number): PairTable {
    const pairs = new PairTable(agents);
    for (const { agents: named } of this.parts) {
      const [one, other, ...more] = named.filter((agent) => agent < agents);
      if (one === undefined || other === undefined || more.length > 0) continue;
      pairs.add(one, other, 1);
      pairs.add(other, one, 1);
    }
    return pairs;
  }

  private agentsIn({ values }: HeldRow): readonly number[] {
    const named = Object.values(values).flatMap((value) =>
      value instanceof Uint8Array ? [this.numbers.get(toBase64Url(value))] : [],
    );
    return [...new Set(named)].filter((agent) => agent !== undefined);
  }
}

interface OwnedPart extends Omit<Part, 'agents'> {
  readonly agent: number;
}

function byLength(parts: readonly OwnedPart[]): ReadonlyMap<string, ReadonlyMap<number, SizedRow[]>> {
  const fields = new Map<string, Map<number, SizedRow[]>>();
  for (const { agent, at, bytes, field } of parts) {
    const lengths = fields.get(field) ?? new Map<number, SizedRow[]>();
    fields.set(field, lengths);
    lengths.set(bytes, [...(lengths.get(bytes) ?? []), { agent, at }]);
  }
  return fields;
}

/** How long a body is, or a call on the wire; 0 for anything else. */
function partBytes(table: string, value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  return table === CALLS && typeof value === 'number' ? value : 0;
}

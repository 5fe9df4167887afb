import { createHash } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type HeldRow, type NeedleFinder, type Observer, SHORT_BYTES, canaryFinder } from '@musubi/observers';
import { type AgentPubKey } from '@musubi/messaging';
import { CALLS, FILE_BYTES } from './file-parts.js';

/** What has come to a party's view since it looked the last time. */
export interface News {
  /** Of bodies, and of calls on the wire. */
  readonly bytes: number;
  /** Numbers that may be a size, by `table.column`. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  /** How many agents' keys stand in rows with parts of a file, or on calls that carry some. */
  readonly named: number;
  /** Parts of files that lay in the view before. */
  readonly known: number;
  /** Planted texts. */
  readonly found: ReadonlySet<string>;
}

/** What one party sees of files, look by look. */
export class FileView {
  private rows = new Set<string>();
  private readonly parts = new Set<string>();
  private readonly finder: NeedleFinder<{ readonly text: string }>;
  private readonly keys: ReadonlySet<string>;

  constructor(
    private readonly observer: Observer,
    agents: readonly AgentPubKey[],
    canaries: readonly string[],
  ) {
    this.finder = canaryFinder(canaries);
    this.keys = new Set(agents.map((agent) => toBase64Url(fromBase64Url(agent))));
  }

  /** @param fileBytes the size of the file that has come; numbers near it are taken for it */
  async look(fileBytes: number): Promise<News> {
    const seen = new Set<string>();
    const fresh: HeldRow[] = [];
    for await (const row of this.observer.rows()) {
      // Calls alike are not one call.
      const digest = `${digestOf(row)} ${row.at ?? ''}`;
      seen.add(digest);
      if (!this.rows.has(digest)) fresh.push(row);
    }
    this.rows = seen;
    return this.newsIn(fresh, fileBytes);
  }

  private newsIn(rows: readonly HeldRow[], fileBytes: number): News {
    const values = rows.flatMap((row) => Object.values(row.values));
    const bodies = values.filter(isBody);
    const numbers = numbersIn(rows, (number) => number > fileBytes / 2 && number < 2 * fileBytes);
    const onWire = rows
      .filter(({ table }) => table === CALLS)
      .flatMap(({ values: call }) => Object.values(call));
    const wired = onWire.map(numberIn).filter((number) => !Number.isNaN(number));
    const parts = bodies.filter(({ length }) => length >= FILE_BYTES).map(bytesDigest);
    const known = parts.filter((part) => this.parts.has(part)).length;
    for (const part of parts) this.parts.add(part);
    return {
      bytes: sum(bodies.map(({ length }) => length)) + sum(wired),
      numbers,
      named: new Set(rows.filter(carriesFile).flatMap((row) => this.agentsIn(row))).size,
      known,
      found: new Set(bodies.flatMap((body) => this.finder.find(body).map(({ text }) => text))),
    };
  }

  private agentsIn({ values }: HeldRow): readonly string[] {
    return Object.values(values)
      .flatMap((value) => (value instanceof Uint8Array ? [toBase64Url(value)] : []))
      .filter((value) => this.keys.has(value));
  }
}

function numbersIn(
  rows: readonly HeldRow[],
  mayBeSize: (number: number) => boolean,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { table, values } of rows) {
    for (const [column, value] of Object.entries(values)) {
      const [field, number] = [`${table}.${column}`, numberIn(value)];
      if (mayBeSize(number)) found.set(field, [...(found.get(field) ?? []), number]);
    }
  }
  return found;
}

/**
 * Numbers that may be sizes, look by look, without those of counters. What only rises from look to look, while the last files
 * are smaller than those before, numbers transactions or rows.
 */
export function sizesIn(news: readonly Pick<News, 'numbers'>[]): readonly (readonly number[])[] {
  const fields = [...new Set(news.flatMap(({ numbers }) => [...numbers.keys()]))];
  const sizes = fields.filter((field) => !isCounter(news.map(({ numbers }) => numbers.get(field) ?? [])));
  return news.map(({ numbers }) => sizes.flatMap((field) => numbers.get(field) ?? []));
}

function isCounter(looks: readonly (readonly number[])[]): boolean {
  const counts = looks.filter(({ length }) => length > 0);
  return counts.every((now, look) => look === 0 || Math.min(...now) > Math.max(...(counts[look - 1] ?? [])));
}

function isBody(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length > SHORT_BYTES;
}

function carriesFile({ table, values }: HeldRow): boolean {
  const isCall = table === CALLS;
  return Object.values(values).some(
    (value) => (isBody(value) ? value.length : isCall ? numberIn(value) : 0) >= FILE_BYTES,
  );
}

/** A bigint comes as a string. */
function numberIn(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

function bytesDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

function digestOf({ table, values }: HeldRow): string {
  const hash = createHash('sha256').update(table);
  for (const [column, value] of Object.entries(values))
    hash.update(`\0${column}\0`).update(value instanceof Uint8Array ? value : String(value));
  return hash.digest('base64url');
}

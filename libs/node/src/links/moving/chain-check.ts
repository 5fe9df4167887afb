import { type ActionRow, isAuthentic, signedActionFrom } from '@musubi/cell';
import { equalBytes, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { GLOBAL_DHT_SPACE } from '@musubi/global-dht';
import { type AgentPubKey } from '@musubi/messaging';
import { AgentFileError } from './agent-file.js';
import { type RowsPart, type Value, valuesOf } from './agent-rows.js';
import { chainActionTable, headTable } from '../../tables/agent-tables.js';

/** Of some 15,000 contacts in 33 days. */
const MAX_NAMES = 500_000;

interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** Holds the rows of a file against one another: each is its agent's, and the chains are whole, linear and signed. */
export class ChainCheck {
  private readonly heads = new Map<string, Head>();
  private readonly ended = new Set<string>();
  private readonly names = new Set<string>();

  constructor(private readonly agent: AgentPubKey) {}

  /** More names under which it writes letters. @throws AgentFileError for more than any agent has */
  allow(names: readonly AgentPubKey[]): void {
    for (const name of names) this.names.add(name);
    if (this.names.size > MAX_NAMES) throw new AgentFileError('damaged');
  }

  /** @throws AgentFileError */
  take(part: RowsPart): void {
    const { table } = part;
    if (table.owner === 'holder' || table.owner === 'agent') this.requireOwn(part);
    else this.requireNames(part);
    if (table === chainActionTable)
      for (const row of part.rows) this.append(rowOf(part, row) as unknown as ActionRow);
    if (table === headTable) for (const row of part.rows) this.end(rowOf(part, row));
  }

  /** @throws AgentFileError when a chain has no head */
  finish(): void {
    if (this.ended.size !== this.heads.size) throw new AgentFileError('damaged');
  }

  private requireOwn(part: RowsPart): void {
    const own = fromBase64Url(this.agent);
    const isOwn = (value: unknown): boolean => value instanceof Uint8Array && equalBytes(value, own);
    if (!valuesOf(part, part.table.owner).every(isOwn)) throw new AgentFileError('damaged');
  }

  private requireNames(part: RowsPart): void {
    const spaces = valuesOf(part, 'space');
    const isAllowed = (author: unknown, index: number): boolean => {
      const name = textOf(author);
      return name === this.agent || (textOf(spaces[index]) === GLOBAL && this.names.has(name));
    };
    if (!valuesOf(part, part.table.owner).every(isAllowed)) throw new AgentFileError('damaged');
  }

  private append(row: ActionRow): void {
    const { action, hash, ...signed } = signedIn(row);
    const name = nameOf(action.space, action.author);
    const head = this.heads.get(name);
    const isNext = action.seq === (head?.seq ?? -1) + 1 && action.prev === (head?.hash ?? null);
    if (!isNext || !isAuthentic({ action, hash, ...signed })) throw new AgentFileError('damaged');
    this.heads.set(name, { seq: action.seq, hash });
  }

  private end(row: Readonly<Record<string, Value>>): void {
    const name = nameOf(textOf(row['space']), textOf(row['author']));
    const head = this.heads.get(name);
    const isHead = head !== undefined && head.seq === row['seq'] && head.hash === textOf(row['hash']);
    if (!isHead) throw new AgentFileError('damaged');
    this.ended.add(name);
  }
}

const GLOBAL: string = GLOBAL_DHT_SPACE;

function signedIn(row: ActionRow): ReturnType<typeof signedActionFrom> {
  try {
    return signedActionFrom(row);
  } catch (error) {
    throw new AgentFileError('damaged', { cause: error });
  }
}

function rowOf({ table }: RowsPart, row: readonly Value[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(table.columns.map((column, index) => [column, row[index] ?? null]));
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? toBase64Url(value) : '';
}

function nameOf(space: string, author: string): string {
  return `${space}/${author}`;
}

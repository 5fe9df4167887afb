import { equalBytes, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { Crawler } from './crawler.observer.js';
import { type HeldRow, type Observer, OWNER_COLUMNS } from './observer.js';
import { openSpaces } from './open-spaces.js';
import { type Opener } from './openers.js';
import { Operator } from './operator.observer.js';

interface ConversantOptions {
  readonly agent: AgentPubKey;
  /** What its keys open. */
  readonly openers: readonly Opener[];
}

interface SpaceRow {
  readonly space: Uint8Array;
}

/** XChaCha20-Poly1305's nonce and tag: nothing shorter is sealed. */
const SEAL_BYTES = 40;

/**
 * One of the agents: its own rows, what is in the private spaces where it has a chain, what is public, and all that its
 * keys open of it. What was opened stands in the row as one more column.
 */
export class Conversant implements Observer {
  readonly name = 'conversant';
  private readonly key: Uint8Array;

  constructor(
    private readonly db: DataSource,
    private readonly options: ConversantOptions,
  ) {
    this.key = fromBase64Url(options.agent);
  }

  async *rows(): AsyncGenerator<HeldRow> {
    const clones = await this.privateSpaces();
    const isHome = (row: HeldRow): boolean => clones.has(spaceOf(row)) || this.isOwn(row);
    for await (const row of new Operator(this.db).rows()) {
      if (isHome(row)) yield this.opened(row);
    }
    for await (const row of new Crawler(this.db).rows()) {
      if (!isHome(row)) yield this.opened(row);
    }
  }

  private async privateSpaces(): Promise<ReadonlySet<string>> {
    const joined = await this.db.query<SpaceRow[]>('select distinct space from action where author = $1', [
      this.key,
    ]);
    const open = new Set((await openSpaces(this.db)).map(toBase64Url));
    return new Set(joined.map(({ space }) => toBase64Url(space)).filter((space) => !open.has(space)));
  }

  private isOwn({ values }: HeldRow): boolean {
    const owner = values[OWNER_COLUMNS.find((column) => column in values) ?? ''];
    return owner instanceof Uint8Array && equalBytes(owner, this.key);
  }

  private opened(row: HeldRow): HeldRow {
    const values: Record<string, unknown> = { ...row.values };
    for (const [column, value] of Object.entries(row.values)) {
      const plain = value instanceof Uint8Array && value.length > SEAL_BYTES ? this.open(value, row) : null;
      if (plain !== null) values[`${column} opened`] = plain;
    }
    return { ...row, values };
  }

  private open(sealed: Uint8Array, row: HeldRow): Uint8Array | null {
    for (const opener of this.options.openers) {
      const plain = opener(sealed, row);
      if (plain !== null) return plain;
    }
    return null;
  }
}

function spaceOf({ values: { space } }: HeldRow): string {
  return space instanceof Uint8Array ? toBase64Url(space) : '';
}

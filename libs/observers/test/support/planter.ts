import { type Dna, cellDatabase, dnaHash, hashBytes, spaceIdOf } from '@musubi/cell';
import { AgentKeys, fromBase64Url, hash, toBase64Url } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type AgentPubKey } from '@musubi/messaging';
import { SeededRandom } from '@musubi/observers';

const DNA: Dna = { name: 'test', version: 1 };
const NOON = 1_763_900_000_000_000;

/** Everybody can compute its id. */
export const OPEN_SPACE = fromBase64Url(spaceIdOf(DNA, new Uint8Array()));
/** Only who knows the seed can. */
export const SECRET_SPACE = fromBase64Url(spaceIdOf(DNA, new Uint8Array(32).fill(7)));

export type Values = Readonly<Record<string, unknown>>;

interface ActionValues extends Values {
  readonly space?: Uint8Array;
}

export function keysNamed(name: string): AgentKeys {
  return AgentKeys.fromSeed(hash('test/agent', Buffer.from(name)));
}

/** Writes rows by hand, as no strategy would. */
export class Planter {
  readonly agents: readonly AgentPubKey[];
  private readonly random = new SeededRandom(77);
  private readonly heights = new Map<string, number>();
  private clock = NOON;

  private constructor(
    readonly database: TestDatabase,
    count: number,
  ) {
    this.agents = Array.from({ length: count }, (_, index) => keysNamed(`agent ${index}`).agent);
  }

  /** A database with so many agents, all of whom are in the open space. */
  static async open(count: number): Promise<Planter> {
    const planter = new Planter(await openTestDatabase(cellDatabase), count);
    for (const agent of planter.agents.keys()) await planter.join(agent, OPEN_SPACE);
    return planter;
  }

  get db(): TestDatabase['dataSource'] {
    return this.database.dataSource;
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** The bytes of an agent's key. */
  key(agent: number): Uint8Array {
    return fromBase64Url(this.agents[agent] ?? '');
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.random.below(256));
  }

  /** Writes the first action of a chain. */
  join(agent: number, space: Uint8Array): Promise<void> {
    return this.act(agent, { space, type: 'dna', proof: hashBytes(dnaHash(DNA)) });
  }

  /** An action in the open space, unless another is named; an hour after the last, unless a time is. */
  async act(agent: number, { space = OPEN_SPACE, ...values }: ActionValues): Promise<void> {
    const author = this.key(agent);
    const chain = `${agent} ${toBase64Url(space)}`;
    const seq = this.heights.get(chain) ?? 0;
    this.heights.set(chain, seq + 1);
    this.clock += 3_600_000_000;
    const drawn = { prev_hash: this.bytes(32), hash: this.bytes(32), signature: this.bytes(64) };
    await this.insert('action', { space, author, seq, at: this.clock, ...drawn, ...values });
  }

  /** A `create` action with an entry, whose body its author keeps. */
  async create(agent: number, { visibility, entryHash, body, ...values }: Created): Promise<void> {
    const hashed = entryHash ?? this.bytes(32);
    const space = values.space ?? OPEN_SPACE;
    const entry = { type: 'create', entry_hash: hashed, entry_type: 'envelope', visibility };
    await this.act(agent, { ...values, ...entry });
    await this.insert('chain_entry', { space, author: this.key(agent), hash: hashed, body });
  }

  async link(agent: number, values: ActionValues): Promise<void> {
    const drawn = { base: this.bytes(32), target: this.bytes(32), tag: this.bytes(8) };
    await this.act(agent, { type: 'create-link', ...drawn, ...values });
  }

  async insert(table: string, values: Values): Promise<void> {
    const columns = Object.keys(values).map((column) => `"${column}"`);
    const places = columns.map((_, index) => `$${index + 1}`);
    const sql = `insert into ${table} (${columns.join()}) values (${places.join()})`;
    await this.db.query(sql, Object.values(values));
  }
}

interface Created {
  readonly visibility: 'private' | 'public';
  readonly entryHash?: Uint8Array;
  readonly body: Uint8Array;
  readonly space?: Uint8Array;
  readonly at?: number;
}

import { type AgentFences, type Keyring } from '@musubi/cell';
import { AgentKeys, type PassphraseCost } from '@musubi/crypto';
import { type Rows, type Sql, sqlStateOf, transact, writeInTurn } from '@musubi/database';
import { MAX_LEASE_US, type MoveAnswer, type SignedAgentRecord, agentRecords } from '@musubi/membership';
import {
  AgentMovedError,
  type AgentPubKey,
  type Clock,
  type Day,
  addDays,
  dayOf,
  parseTimestamp,
} from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type LinkedNetwork } from '../linked-network.js';
import {
  type AgentFile,
  AgentFileError,
  type AgentFileHead,
  newFileSeal,
  writeAgentFile,
} from './agent-file.js';
import { type RowsPart, forgetAgent, rowsOfAgent, sealedContacts } from './agent-rows.js';
import {
  type AgentTable,
  type TablesOfAgents,
  contactTable,
  tablesOfAgents,
} from '../../tables/agent-tables.js';
import { ChainCheck } from './chain-check.js';
import { letterNames } from './letter-names.js';

/** Days before today whose letters may still wait to be published: as long as messages are tried, and one more. */
const DAYS_OF_LETTERS = 31;
/** Of a file: each is computed for each contact. */
const MAX_DAYS = 64;

interface AgentMovesParts {
  readonly database: DataSource;
  readonly keyring: Keyring;
  readonly fences: AgentFences;
  readonly links: LinkedNetwork;
  readonly clock: Clock;
  readonly cost: PassphraseCost;
  /** Tables of the service in which rows belong to agents. */
  readonly tables: readonly AgentTable[];
}

/** What becomes of an import, besides being done. */
export type ImportRefusal =
  /** The agent lives on this node, or is leaving it. */
  | 'agent-is-here'
  /** The old home says that the agent went back, or elsewhere. */
  | 'outdated'
  /** The agent was deleted on this node. */
  | 'agent-deleted'
  /** The old home does not answer: it may have taken the agent back. */
  | 'old-home-unreachable';

export class ImportRefusedError extends Error {
  override readonly name = 'ImportRefusedError';

  constructor(
    readonly reason: ImportRefusal,
    options?: ErrorOptions,
  ) {
    super(`the agent was not imported: ${reason}`, options);
  }
}

interface ExportRequest {
  readonly agent: AgentPubKey;
  readonly passphrase: string;
  readonly nickname: string;
  /** Whom it has written with. Asked for while its keys are unlocked. */
  readonly peers: () => Promise<readonly AgentPubKey[]>;
}

interface ImportOptions {
  /** What commits with it. */
  readonly rows: (head: AgentFileHead) => readonly Rows[];
  /** The old home is gone for good, and does not answer. */
  readonly isAbandoned: boolean;
}

/** Moves agents between nodes: whole files, one home at a time. */
export class AgentMoves {
  readonly tables: TablesOfAgents;

  constructor(private readonly parts: AgentMovesParts) {
    this.tables = tablesOfAgents(parts.tables);
  }

  /**
   * Fences the agent, and gives its file: bytes as they are read. It can be asked for again until the agent is imported.
   * @returns null when the passphrase is not the agent's
   * @throws AgentMovedError
   */
  async export(request: ExportRequest): Promise<AsyncIterable<Uint8Array> | null> {
    const { clock, cost, database, keyring, links } = this.parts;
    const { agent, nickname, passphrase } = request;
    const exported = await keyring.exportKey(agent, passphrase);
    if (exported === null) return null;
    const { keys, seed, sealed } = exported;
    const seal = await newFileSeal(passphrase, cost);
    const cards = await this.cardsOf(keys, request.peers);
    const today = dayOf(clock.now());
    const days = [addDays(today, -DAYS_OF_LETTERS), addDays(today, 1)] as const;
    // Once before the fence: most of it is remembered then.
    await letterNames(keys, await sealedContacts(database, agent), daysOf(days));
    const seq = await this.fence(agent);
    const names = await letterNames(keys, await sealedContacts(database, agent), daysOf(days));
    const { node: from, addresses } = links.place;
    const head = { agent, seed, sealed, nickname, seq, from, addresses, days, cards, issued: clock.now() };
    return writeAgentFile(seal, head, rowsOfAgent(database, this.tables, { agent, names }));
  }

  /** Undoes an export whose file nobody has imported. @throws AgentMovedError when somebody has */
  async takeBack(keys: AgentKeys): Promise<void> {
    const { clock, fences, links } = this.parts;
    const fence = fences.find(keys.agent);
    if (fence === undefined) return;
    const issued = clock.now();
    const record = this.recordOf(keys, { seq: fence.seq + 1, issued });
    await fences.whileReturning(keys.agent, () => links.put(record));
    if (fences.find(keys.agent) !== undefined)
      throw new AgentMovedError('this agent has moved to another node');
  }

  /**
   * Writes all rows of a file, or none, and makes this node the agent's home.
   * @throws AgentFileError, ImportRefusedError
   */
  async import({ head, parts }: AgentFile, { isAbandoned, rows }: ImportOptions): Promise<AgentKeys> {
    const { database, fences, keyring, links } = this.parts;
    const keys = AgentKeys.fromSeed(head.seed);
    if (keys.agent !== head.agent) throw new AgentFileError('damaged');
    const record = this.recordIn(head, keys);
    await transact(
      database,
      async (tx) => {
        await fences.arrive(tx);
        await this.makeRoom(tx, keys, daysIn(head));
        await writeInTurn(tx, [keyring.importedRows(head), ...rows(head)]);
        await this.write(tx, { keys, days: daysIn(head) }, parts);
        // What the old home has stored it does not take back.
        if ((await links.lastSeqOf(keys.agent)) > head.seq) throw new ImportRefusedError('outdated');
        const answer = await links.announceMove({ node: head.from, addresses: head.addresses }, record);
        requireTaken(answer, isAbandoned);
        const outcome = await links.putWithin(tx, record);
        if (outcome !== 'stored' && outcome !== 'known') throw new ImportRefusedError('outdated');
      },
      { attempts: 1 },
    );
    await fences.refresh(keys.agent);
    links.noteHome(keys.agent);
    for (const card of head.cards) await links.takeStatement(card, head.from);
    return keys;
  }

  /** Waits for what is being written for the agent. @returns the seq of the record by which it moves */
  private async fence(agent: AgentPubKey): Promise<number> {
    const { fences, links } = this.parts;
    for (;;) {
      const wanted = (await links.lastSeqOf(agent)) + 1;
      const fence = await fences.raise(agent, wanted);
      if (fence === undefined || fence.isMoved)
        throw new AgentMovedError('this agent has moved to another node');
      // A record may have been signed meanwhile; from here on none is.
      if ((await links.lastSeqOf(agent)) < fence.seq) return fence.seq;
    }
  }

  /** Of an agent whose earlier export was cut, the keys are unlocked for so long. */
  private async cardsOf(
    keys: AgentKeys,
    peers: () => Promise<readonly AgentPubKey[]>,
  ): Promise<readonly Uint8Array[]> {
    const { keyring, links } = this.parts;
    const isOnline = keyring.isOnline(keys.agent);
    if (!isOnline) keyring.admit(keys);
    try {
      const cards = await Promise.all((await peers()).map((peer) => links.statementOf(peer)));
      return cards.filter((card) => card !== null);
    } finally {
      if (!isOnline) keyring.lock(keys.agent);
    }
  }

  /** What the agent has left here when it moved away goes: the file has all of it. @throws ImportRefusedError */
  private async makeRoom(tx: Sql, keys: AgentKeys, days: readonly Day[]): Promise<void> {
    const { fences, keyring } = this.parts;
    if (await fences.isDeleted(tx, keys.agent)) throw new ImportRefusedError('agent-deleted');
    if (!(await keyring.has(keys.agent))) return;
    if (fences.find(keys.agent)?.isMoved !== true) throw new ImportRefusedError('agent-is-here');
    await fences.lower(tx, keys.agent);
    const names = await letterNames(keys, await sealedContacts(tx, keys.agent), days);
    await forgetAgent(tx, this.tables, { agent: keys.agent, names });
    await keyring.forget(tx, keys.agent);
  }

  private async write(
    tx: Sql,
    { days, keys }: { readonly keys: AgentKeys; readonly days: readonly Day[] },
    parts: AsyncIterable<RowsPart>,
  ): Promise<void> {
    const check = new ChainCheck(keys.agent);
    for await (const part of parts) {
      check.take(part);
      if (part.table.name === contactTable.name) check.allow(await namesIn(part, keys, days));
      await insert(tx, part);
    }
    check.finish();
  }

  /** @throws AgentFileError when it cannot be signed */
  private recordIn(head: AgentFileHead, keys: AgentKeys): SignedAgentRecord {
    try {
      return this.recordOf(keys, head);
    } catch (error) {
      throw new AgentFileError('damaged', { cause: error });
    }
  }

  /** The same for each import of one file, so that it can be repeated. */
  private recordOf(
    keys: AgentKeys,
    { issued, seq }: { readonly seq: number; readonly issued: number },
  ): SignedAgentRecord {
    const lease = { issued: parseTimestamp(issued), expires: parseTimestamp(issued + MAX_LEASE_US) };
    const { node } = this.parts.links.place;
    return agentRecords.sign({ agent: keys.agent, node, tombstone: false, seq, ...lease }, keys);
  }
}

/** Data exceptions, and integrity constraint violations. */
const NOT_A_ROW = /^2[23]/;

async function insert(tx: Sql, { rows, table }: RowsPart): Promise<void> {
  try {
    await writeInTurn(tx, [{ statement: table.insert, rows }]);
  } catch (error) {
    if (!NOT_A_ROW.test(sqlStateOf(error) ?? '')) throw error;
    throw new AgentFileError('damaged', { cause: error });
  }
}

/** @throws AgentFileError for contacts that the agent has not sealed */
async function namesIn(
  part: RowsPart,
  keys: AgentKeys,
  days: readonly Day[],
): Promise<readonly AgentPubKey[]> {
  try {
    return await letterNames(keys, sealedIn(part), days);
  } catch (error) {
    throw new AgentFileError('damaged', { cause: error });
  }
}

function sealedIn({ rows, table }: RowsPart): readonly Uint8Array[] {
  const index = table.columns.indexOf('sealed');
  return rows.map((row) => row[index]).filter((value) => value instanceof Uint8Array);
}

function requireTaken(answer: MoveAnswer, isAbandoned: boolean): void {
  if (answer === 'refused') throw new ImportRefusedError('outdated');
  // One that can be reached is not gone, whatever the owner says.
  const isGone = answer === 'unreachable' && isAbandoned;
  if (answer !== 'taken' && !isGone) throw new ImportRefusedError('old-home-unreachable');
}

/** @throws AgentFileError for more days than any file has */
function daysIn({ days }: AgentFileHead): readonly Day[] {
  const [first, last] = days;
  if (last < first || last - first > MAX_DAYS) throw new AgentFileError('damaged');
  return daysOf([first as Day, last as Day]);
}

function daysOf([first, last]: readonly [Day, Day]): readonly Day[] {
  return Array.from({ length: last - first + 1 }, (_, index) => addDays(first, index));
}

import { type AgentFences, type Keyring } from '@musubi/cell';
import { AgentKeys } from '@musubi/crypto';
import { type Rows, type Sql, sqlStateOf, transact, writeInTurn } from '@musubi/database';
import { type MoveAnswer, type SignedAgentRecord } from '@musubi/membership';
import { type AgentPubKey, type Day } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type TablesOfAgents, contactTable } from '../../tables/agent-tables.js';
import { type LinkedNetwork } from '../linked-network.js';
import { type AgentFile, AgentFileError, type AgentFileHead } from './agent-file.js';
import { type RowsPart, forgetAgent, sealedContacts } from './agent-rows.js';
import { ChainCheck } from './chain-check.js';
import { daysOf, letterNames } from './letter-names.js';
import { moveRecordOf } from './move-record.js';

/** Of a file: each is computed for each contact. */
const MAX_DAYS = 64;

interface AgentImportsParts {
  readonly database: DataSource;
  readonly keyring: Keyring;
  readonly fences: AgentFences;
  readonly links: LinkedNetwork;
  readonly tables: TablesOfAgents;
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

interface ImportOptions {
  /** What commits with it. */
  readonly rows: (head: AgentFileHead) => readonly Rows[];
  /** The old home is gone for good, and does not answer. */
  readonly isAbandoned: boolean;
}

/** Agents that come to this node. */
export class AgentImports {
  constructor(private readonly parts: AgentImportsParts) {}

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

  /** What the agent has left here when it moved away goes: the file has all of it. @throws ImportRefusedError */
  private async makeRoom(tx: Sql, keys: AgentKeys, days: readonly Day[]): Promise<void> {
    const { fences, keyring } = this.parts;
    if (await fences.isDeleted(tx, keys.agent)) throw new ImportRefusedError('agent-deleted');
    if (!(await keyring.has(keys.agent))) return;
    if (fences.find(keys.agent)?.isMoved !== true) throw new ImportRefusedError('agent-is-here');
    await fences.lower(tx, keys.agent);
    const names = await letterNames(keys, await sealedContacts(tx, keys.agent), days);
    await forgetAgent(tx, this.parts.tables, { agent: keys.agent, names });
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
      const { seq, issued } = head;
      return moveRecordOf(keys, { node: this.parts.links.place.node, seq, issued });
    } catch (error) {
      throw new AgentFileError('damaged', { cause: error });
    }
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

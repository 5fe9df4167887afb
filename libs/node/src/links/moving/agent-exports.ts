import { type AgentFences, type ExportedKey, type Keyring } from '@musubi/cell';
import { type AgentKeys, type PassphraseCost } from '@musubi/crypto';
import { AgentMovedError, type AgentPubKey, type Clock, addDays, dayOf } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type TablesOfAgents } from '../../tables/agent-tables.js';
import { type LinkedNetwork } from '../linked-network.js';
import { type FileSeal, newFileSeal, writeAgentFile, writeFileSeal } from './agent-file.js';
import { rowsOfAgent, sealedContacts } from './agent-rows.js';
import { daysOf, letterNames } from './letter-names.js';
import { moveRecordOf } from './move-record.js';

/** Days before today whose letters may still wait to be published: as long as messages are tried, and one more. */
const DAYS_OF_LETTERS = 31;
/** Microseconds that the agent writes on for, at most, while its new home stretches the passphrase. */
const MAX_HEAD_START_US = 3_000_000;

interface AgentExportsParts {
  readonly database: DataSource;
  readonly keyring: Keyring;
  readonly fences: AgentFences;
  readonly links: LinkedNetwork;
  readonly clock: Clock;
  readonly cost: PassphraseCost;
  readonly tables: TablesOfAgents;
}

interface ExportRequest {
  readonly nickname: string;
  /** Whom it has written with. Asked for while its keys are unlocked. */
  readonly peers: () => Promise<readonly AgentPubKey[]>;
  /** Nobody reads the file any more. */
  readonly gone: AbortSignal;
  /** Runs what must not meet the agent's sign-ins and sign-outs. */
  readonly inTurn: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

/** The keys of an agent that is to leave, and the seal of its file. */
interface Leaving {
  readonly exported: ExportedKey;
  readonly seal: FileSeal;
  /** Microseconds that sealing took, which is what opening takes. */
  readonly stretchedUs: number;
}

/** The file ends in the middle, and the agent stays as it was. */
export class ExportEndedError extends Error {
  override readonly name = 'ExportEndedError';
  constructor(reason: string) {
    super(`the export of an agent ended early: ${reason}`);
  }
}

/** Agents that leave this node. */
export class AgentExports {
  constructor(private readonly parts: AgentExportsParts) {}

  /** @returns null when the passphrase is not the agent's */
  async begin(agent: AgentPubKey, passphrase: string): Promise<Leaving | null> {
    const { clock, cost, keyring } = this.parts;
    const exported = await keyring.exportKey(agent, passphrase);
    if (exported === null) return null;
    const begun = clock.now();
    const seal = await newFileSeal(passphrase, cost);
    return { exported, seal, stretchedUs: clock.now() - begun };
  }

  /**
   * The file: bytes as they are read. It can be asked for again until the agent is imported.
   *
   * The file's seal goes first. A new home to which the file is piped stretches the passphrase at once, for about as long
   * as this node has; the agent writes on meanwhile. Then it is fenced, and the rest follows.
   * @throws AgentMovedError; ExportEndedError when nobody reads it any more, or the passphrase was changed meanwhile
   */
  async *write({ exported, seal, stretchedUs }: Leaving, request: ExportRequest): AsyncGenerator<Uint8Array> {
    yield writeFileSeal(seal);
    const headStartUs = Math.min(Math.max(0, stretchedUs), MAX_HEAD_START_US);
    await this.parts.clock.sleep(headStartUs / 1000, request.gone);
    yield* await request.inTurn(() => this.fencedFile(exported, seal, request));
  }

  /** Undoes an export whose file nobody has imported. @throws AgentMovedError when somebody has */
  async takeBack(keys: AgentKeys): Promise<void> {
    const { clock, fences, links } = this.parts;
    const fence = fences.find(keys.agent);
    if (fence === undefined) return;
    const record = moveRecordOf(keys, {
      node: links.place.node,
      seq: fence.seq + 1,
      issued: clock.now(),
    });
    await fences.whileReturning(keys.agent, () => links.put(record));
    if (fences.find(keys.agent) !== undefined)
      throw new AgentMovedError('this agent has moved to another node');
  }

  /** @throws AgentMovedError */
  private async fencedFile(
    { keys, seed, sealed, stored }: ExportedKey,
    { key }: FileSeal,
    { gone, nickname, peers }: ExportRequest,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { clock, database, links, tables } = this.parts;
    const { agent } = keys;
    if (gone.aborted) throw new ExportEndedError('nobody reads it');
    const cards = await this.cardsOf(keys, peers);
    const today = dayOf(clock.now());
    const days = [addDays(today, -DAYS_OF_LETTERS), addDays(today, 1)] as const;
    // Once before the fence: most of it is remembered then.
    await letterNames(keys, await sealedContacts(database, agent), daysOf(days));
    const seq = await this.fence(agent, stored);
    const names = await letterNames(keys, await sealedContacts(database, agent), daysOf(days));
    const { node: from, addresses } = links.place;
    const head = { agent, seed, sealed, nickname, seq, from, addresses, days, cards, issued: clock.now() };
    return writeAgentFile(key, head, rowsOfAgent(database, tables, { agent, names }));
  }

  /** Waits for what is being written for the agent. @returns the seq of the record by which it moves */
  private async fence(agent: AgentPubKey, sealed: Uint8Array): Promise<number> {
    const { fences, links } = this.parts;
    for (;;) {
      const wanted = (await links.lastSeqOf(agent)) + 1;
      const fence = await fences.raise(agent, { seq: wanted, sealed });
      if (fence === undefined) throw new ExportEndedError('the passphrase was changed');
      if (fence.isMoved) throw new AgentMovedError('this agent has moved to another node');
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
}

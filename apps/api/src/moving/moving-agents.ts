import { INTERACTIVE_COST } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import {
  type AgentExports,
  type AgentFile,
  type AgentImports,
  type ImportRefusal,
  type OpenedAgentFile,
  type SealedAgentFile,
  type TablesOfAgents,
} from '@musubi/node/links';
import { type PassphraseGate } from '../access/passphrase-gate.js';
import { type MadeAgent } from '../agents/agent-maker.js';
import { newAgentSchema } from '../agents/agents.schemas.js';
import { type DirectoryStore } from '../agents/directory.store.js';
import { type Registrant, type Registration } from '../agents/registration.js';
import { type Config } from '../config/config.js';
import { type ContactStore } from '../contacts/contact.store.js';
import { networkOf } from '../http/caller-address.js';
import { type AgentLifecycle } from '../node/agent-lifecycle.js';
import { type ServiceNode } from '../node/service-node.js';
import { ApiError, type ApiErrorCode, wrongPassphrase } from '../problem/api-error.js';
import { idempotencyKeyTable } from '../schema/index.js';
import { type Sessions } from '../sessions/sessions.js';
import { type Homes } from '../access/homes.js';
import { MovePlaces } from './move-places.js';
import { peersOf } from './peers.js';

interface MovingAgentsParts {
  readonly config: Pick<Config, 'databasePool'>;
  readonly node: ServiceNode;
  readonly life: AgentLifecycle;
  readonly sessions: Sessions;
  readonly directory: DirectoryStore;
  readonly contacts: ContactStore;
  readonly gate: PassphraseGate;
  readonly registration: Registration;
  readonly homes: Homes;
}

/** Who acts for an agent, and by which passphrase. */
interface Owner {
  readonly agent: AgentPubKey;
  readonly passphrase: string;
  readonly address: string;
}

export interface Arrival extends Owner, Registrant {
  readonly isAbandoned: boolean;
}

/** @param file of the agent, for as long as its reader is not gone */
type SendFile = (file: (gone: AbortSignal) => AsyncIterable<Uint8Array>) => Promise<void>;

/** How long the old home looks for letters before it raises the fence. */
const LETTERS_MS = 2000;
/** A share of the connections to the database, and so many at most. */
const SHARE_OF_POOL = 1 / 4;
const MAX_IMPORTS = 4;
/** Each has a page of rows in memory. */
const MAX_EXPORTS = 16;
/** Of its key, for an agent whose file names it in a way that no new agent may be named. */
const NAME_LENGTH = 12;

const REFUSALS: Readonly<Record<ImportRefusal, readonly [ApiErrorCode, string]>> = {
  'agent-is-here': ['agent-is-here', 'This agent is on this node: there is nothing to import.'],
  'agent-deleted': ['agent-deleted', 'This agent was deleted on this node, and cannot come back to it.'],
  outdated: [
    'import-outdated',
    'This agent went back to its old home, or to another one, after the file was made.',
  ],
  'old-home-unreachable': [
    'old-home-unreachable',
    'The old home of this agent does not answer, so that nobody knows whether it was taken back there: try again, or say abandoned=true when it is gone for good.',
  ],
};

interface Moves {
  readonly exports: AgentExports;
  readonly imports: AgentImports;
  readonly tables: TablesOfAgents;
}

/** Agents that leave this node for another, and come from another to this one. */
export class MovingAgents {
  private moves: Promise<Moves> | undefined;
  private readonly places: { readonly imports: MovePlaces; readonly exports: MovePlaces };

  constructor(private readonly parts: MovingAgentsParts) {
    const share = Math.floor(parts.config.databasePool * SHARE_OF_POOL);
    const imports = Math.max(1, Math.min(MAX_IMPORTS, share));
    this.places = {
      imports: new MovePlaces(imports, 'Other agents are being imported: try again.'),
      exports: new MovePlaces(MAX_EXPORTS, 'Other agents are being exported: try again.'),
    };
  }

  /**
   * The agent is fenced after the first bytes of its file.
   * @param send takes the file, and resolves when its reader has it or is gone
   * @throws ApiError `unauthenticated`, `node-alone`, `agent-moved`; TryLaterError
   */
  async export({ address, agent, passphrase }: Owner, send: SendFile): Promise<void> {
    const { contacts, directory, gate, homes, life, node } = this.parts;
    const { exports } = await this.linked();
    if (node.fences.find(agent)?.isMoved === true) await homes.require(agent);
    const nickname = (await directory.find(agent))?.nickname ?? '';
    await this.collectLetters();
    const peers = (): Promise<readonly AgentPubKey[]> => peersOf(agent, { ...node, contacts });
    await this.places.exports.take(networkOf(address), async () => {
      const leaving = await gate.attempt({ address, agent }, () => exports.begin(agent, passphrase));
      if (leaving === null) throw wrongPassphrase();
      await send((gone) =>
        exports.write(leaving, { nickname, peers, gone, inTurn: (work) => life.inTurn(agent, work) }),
      );
    });
  }

  /** @throws ApiError `unauthenticated`, `node-alone`; AgentMovedError; TryLaterError */
  async takeBack({ address, agent, passphrase }: Owner): Promise<void> {
    const { gate, life, node } = this.parts;
    const { exports } = await this.linked();
    const key = await gate.attempt({ address, agent }, () => node.keyring.exportKey(agent, passphrase));
    if (key === null) throw wrongPassphrase();
    await life.inTurn(agent, () => exports.takeBack(key.keys));
    if (key.sealed === null) await life.ensureOnline(agent);
  }

  /** @throws ApiError; TryLaterError */
  async import(stream: AsyncIterable<Uint8Array>, arrival: Arrival): Promise<MadeAgent> {
    const { imports, tables } = await this.linked();
    const { AgentFileError, ImportRefusedError, beginAgentFile } = await import('@musubi/node/links');
    try {
      return await this.parts.registration.admit(arrival, () =>
        this.places.imports.take(networkOf(arrival.address), async () => {
          // It comes as slowly as its sender likes: those who wait to try a passphrase do not wait for it.
          const opened = await this.open(await beginAgentFile(stream, tables), arrival);
          const file = await opened.read();
          if (file.head.agent !== arrival.agent) throw wrongPassphrase();
          return this.admit(imports, file, arrival);
        }),
      );
    } catch (error) {
      if (error instanceof ImportRefusedError) throw new ApiError(...REFUSALS[error.reason]);
      if (error instanceof AgentFileError)
        throw new ApiError('import-refused', `This file cannot be imported: ${error.reason}.`);
      throw error;
    }
  }

  /** @throws ApiError `unauthenticated`; AgentFileError; TryLaterError */
  private async open(
    sealed: SealedAgentFile,
    { agent, address, passphrase }: Owner,
  ): Promise<OpenedAgentFile> {
    const { AgentFileError } = await import('@musubi/node/links');
    const open = (): Promise<OpenedAgentFile | null> =>
      sealed.open(passphrase).catch((error: unknown) => {
        if (error instanceof AgentFileError && error.reason === 'wrong-passphrase') return null;
        throw error;
      });
    const opened = await this.parts.gate.attempt({ address, agent }, open);
    if (opened === null) throw wrongPassphrase();
    return opened;
  }

  private async admit(
    imports: AgentImports,
    file: AgentFile,
    { agent, isAbandoned }: Arrival,
  ): Promise<MadeAgent> {
    const { directory, life, sessions } = this.parts;
    const { sealed } = file.head;
    const named = newAgentSchema.shape.nickname.safeParse(file.head.nickname);
    const nickname = named.success ? named.data : agent.slice(0, NAME_LENGTH);
    const rows = [directory.returnedRowsOf({ agent, nickname })];
    const keys = await life.inTurn(agent, () => imports.import(file, { isAbandoned, rows: () => rows }));
    if (sealed === null) await life.ensureOnline(agent);
    const token = await (sealed === null ? sessions.begin(agent) : sessions.signIn({ keys, stored: sealed }));
    // Imported, and in this moment given another passphrase.
    if (token === null) throw wrongPassphrase();
    return { agent, token };
  }

  /** Whatever was published to agents of this node by now is read, if that takes no longer than it should. */
  private async collectLetters(): Promise<void> {
    const { clock, strategies } = this.parts.node;
    const letters = strategies['global-dht'];
    const ended = new AbortController();
    const read = letters.poll(0).then(() => letters.whenIdle());
    await Promise.race([read, clock.sleep(LETTERS_MS, ended.signal)]);
    ended.abort('ended');
  }

  /** @throws ApiError `node-alone` */
  private linked(): Promise<Moves> {
    const { node } = this.parts;
    const { links } = node.network;
    if (links === null)
      throw new ApiError(
        'node-alone',
        'This node has no links to others: NODE_LISTEN and BOOTSTRAP are not set.',
      );
    this.moves ??= import('@musubi/node/links').then(
      ({ AgentExports: Exports, AgentImports: Imports, agentTable, tablesOfAgents }) => {
        const tables = tablesOfAgents([agentTable(idempotencyKeyTable, 'agent')]);
        const parts = { ...node, database: node.db, links, cost: INTERACTIVE_COST, tables };
        return { exports: new Exports(parts), imports: new Imports(parts), tables };
      },
    );
    return this.moves;
  }
}

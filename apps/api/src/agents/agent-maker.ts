import { AGENT_ONCE } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, commitRows, violatedConstraint, whileAway } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type PassphraseGate } from '../access/passphrase-gate.js';
import { type AgentLifecycle, type NewAgentKeys } from '../node/agent-lifecycle.js';
import { type ServiceNode } from '../node/service-node.js';
import { ApiError } from '../problem/api-error.js';
import { type FirstSession } from '../sessions/session.js';
import { type Sessions } from '../sessions/sessions.js';
import { type NewAgent } from './agents.schemas.js';
import { CREATION_ONCE, type CreationStore, keyReused } from './creation.store.js';
import { type DirectoryStore } from './directory.store.js';
import { type Registrant, type Registration } from './registration.js';

/** 128 bits as base64url. */
const SECRET_KEY_LENGTH = 22;

interface AgentMakerParts {
  readonly node: Pick<ServiceNode, 'clock' | 'db' | 'log'>;
  readonly life: AgentLifecycle;
  readonly sessions: Sessions;
  readonly directory: DirectoryStore;
  readonly creations: CreationStore;
  readonly gate: PassphraseGate;
  readonly registration: Registration;
}

/** Who asks for an agent, and under which Idempotency-Key. */
interface Applicant extends Registrant {
  readonly key: string | undefined;
}

export interface MadeAgent {
  readonly agent: AgentPubKey;
  readonly token: string;
}

/** Makes agents whole or not at all: key, genesis, directory entry and first session are one transaction. */
export class AgentMaker {
  constructor(private readonly parts: AgentMakerParts) {}

  /** @throws ApiError `malformed`, `idempotency-key-reused`, `registration-closed`; TryLaterError */
  async make(request: NewAgent, applicant: Applicant): Promise<MadeAgent> {
    requireSecret(request, applicant.key);
    const repeated = await this.repeated(request, applicant);
    if (repeated !== null) return repeated;
    return this.parts.registration.admit(applicant, () => this.makeNew(request, applicant));
  }

  private async makeNew(request: NewAgent, applicant: Applicant): Promise<MadeAgent> {
    const { nickname, passphrase } = request;
    const { life, sessions, directory, creations, gate } = this.parts;
    const make = (): Promise<NewAgentKeys> => life.make(passphrase);
    const made = await (passphrase === undefined ? make() : gate.newPassphrase(applicant.address, make));
    const { agent } = made.keys;
    const isAttended = passphrase !== undefined;
    const { token, rows } = sessions.first(agent, isAttended);
    const { key } = applicant;
    const creation = key === undefined ? [] : [creations.rowsOf(key, request, agent)];
    try {
      await this.commit([...made.rows, directory.rowsOf({ agent, nickname }), rows, ...creation]);
    } catch (error) {
      if (violatedConstraint(error) !== CREATION_ONCE) throw error;
      // The same key at the same moment: the other request was first, and is committed by now.
      const repeated = await this.repeated(request, applicant);
      if (repeated === null) throw error;
      return repeated;
    }
    await this.bringOnline(made.keys, { token, isAttended });
    return { agent, token };
  }

  /** The agent that the key made, with a token of its own; `null` when it made none. */
  private async repeated(request: NewAgent, { address, key }: Applicant): Promise<MadeAgent | null> {
    const { creations, gate, sessions, life } = this.parts;
    const agent = key === undefined ? null : await creations.find(key, request);
    if (agent === null) return null;
    const { passphrase } = request;
    if (passphrase === undefined) {
      const token = await sessions.begin(agent);
      // It has got a passphrase since: now the key alone proves nothing.
      if (token === null) throw keyReused();
      await life.ensureOnline(agent);
      return { agent, token };
    }
    const opened = await gate.attempt({ address, agent }, () => sessions.open(agent, passphrase));
    const token = opened === null ? null : await sessions.signIn(opened);
    if (token === null) throw keyReused();
    return { agent, token };
  }

  /** The keys were made just now: that they are there already means that they were committed. */
  private async commit(rows: readonly Rows[]): Promise<void> {
    const { clock, db } = this.parts.node;
    const commit = async (): Promise<void> => {
      try {
        await commitRows(db, rows);
      } catch (error) {
        if (violatedConstraint(error) !== AGENT_ONCE) throw error;
      }
    };
    await whileAway(clock, commit, (cause) => asError(cause));
  }

  /** It is made: whatever fails now is made good by its next request, or by signing in. */
  private async bringOnline(keys: AgentKeys, first: FirstSession): Promise<void> {
    const { clock, log } = this.parts.node;
    try {
      await whileAway(clock, () => this.parts.sessions.begun(keys, first), asError);
    } catch (error) {
      log.warn('agent-not-online', { error: asError(error).name });
    }
  }
}

/** The key of an unattended agent is enough to get a token: it may not be one that can be guessed. */
function requireSecret({ passphrase }: NewAgent, key: string | undefined): void {
  if (key === undefined || passphrase !== undefined || key.length >= SECRET_KEY_LENGTH) return;
  throw new ApiError(
    'malformed',
    `Idempotency-Key: for an agent without a passphrase it is a secret, and needs ${SECRET_KEY_LENGTH} random characters or more.`,
  );
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('unknown');
}

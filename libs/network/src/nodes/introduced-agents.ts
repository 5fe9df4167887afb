import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey } from './node-key.js';
import { type Introduction, type PeerService } from './peer-service.js';

interface Entry {
  readonly introduction: Introduction;
  /** Asked once, at the first call. */
  isAtHome?: Promise<boolean> | undefined;
  isKept: boolean;
}

/** Statements of one link that are in memory: some 2 KiB each. Of older ones only what is stored counts. */
const MAX_INTRODUCTIONS = 256;

/** What the other node has said of its agents on one link. */
export class IntroducedAgents {
  private readonly entries = new Map<AgentPubKey, Entry>();

  constructor(
    private readonly service: Pick<PeerService, 'introduce'>,
    private readonly peer: NodeKey,
  ) {}

  /** @throws LinkRefusedError for a forged statement */
  take(agent: AgentPubKey, statement: Uint8Array | null): Entry {
    const introduction = this.service.introduce({ peer: this.peer, agent, statement });
    const entry: Entry = { introduction, isKept: false };
    this.entries.delete(agent);
    this.entries.set(agent, entry);
    const [eldest] = this.entries.keys();
    if (this.entries.size > MAX_INTRODUCTIONS && eldest !== undefined) this.entries.delete(eldest);
    return entry;
  }

  async isAtHome(agent: AgentPubKey): Promise<boolean> {
    const entry = this.entries.get(agent) ?? this.take(agent, null);
    entry.isAtHome ??= entry.introduction.isAtHome();
    try {
      return await entry.isAtHome;
    } catch (error) {
      entry.isAtHome = undefined;
      throw error;
    }
  }

  /** Once for each statement. What cannot be stored now comes again with the next proof. */
  async keep(agent: AgentPubKey): Promise<void> {
    const entry = this.entries.get(agent);
    if (entry === undefined || entry.isKept) return;
    entry.isKept = true;
    await entry.introduction.keep();
  }

  /** Another record of the agent has come: its next call asks anew. */
  reconsider(agent: AgentPubKey): void {
    const entry = this.entries.get(agent);
    if (entry !== undefined) entry.isAtHome = undefined;
  }
}

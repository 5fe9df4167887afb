import { type ChainView } from '@musubi/audit';
import {
  type AgentPubKey,
  type Clock,
  type MessageFile,
  type MessageDraft,
  type MessageQuery,
  type MessagingStrategy,
  type Notary,
  type SignedMessage,
  type SignedReceipt,
  type SpaceId,
} from '@musubi/messaging';

/** How the subject of a suite is to be opened. */
export interface SubjectOptions {
  /** What a write does when another write moved the head of its chain first: fail, or rebase. */
  readonly ordering: 'strict' | 'relaxed';
  /** How many peers an agent can have, where the placement bounds them at all. */
  readonly peerLimit: number;
}

/** One record that the placement gives to agents outside the pair, as raw bytes. */
export interface StrangerRecord {
  readonly kind: 'action' | 'entry' | 'link';
  /** Every hash a stranger can read in it but those it points to: action, and entry. base64url. */
  readonly hashes: readonly string[];
  /** All of the record's bytes: author, base, tag, body. */
  readonly bytes: Uint8Array;
  /** An entry body that only the pair can open is part of the record. */
  readonly hasBody: boolean;
}

/** What the suite needs of a placement besides the port: agents, and eyes on what is stored. */
export interface ConformanceHarness {
  readonly strategy: MessagingStrategy;
  readonly notary: Notary;
  readonly clock: Clock;
  /** A space in which nothing of this placement is. */
  readonly foreignSpace: SpaceId;
  /** A new agent, joined and online. */
  newAgent(): Promise<AgentPubKey>;
  goOffline(agent: AgentPubKey): Promise<void>;
  goOnline(agent: AgentPubKey): Promise<void>;
  /** Waits until nothing is under way that no caller waits for. */
  whenIdle(): Promise<void>;
  /** A text message with a fresh nonce, sent now. */
  draft(from: AgentPubKey, to: AgentPubKey, text?: string): MessageDraft;
  /** Every chain that the agent writes in this placement, under its own or another name. */
  chainsOf(agent: AgentPubKey): Promise<readonly ChainView[]>;
  /** How many rows, or objects, this placement stores in all: unchanged means nothing was written. */
  storedCount(): Promise<number>;
  /** Makes the next commit of any author's chain fail at its last moment. */
  failNextCommit(): void;
  /**
   * Hands a message to the recipient's cell as `caller`, through the door that real messages come through.
   * Settles when the recipient's cell is done with it; rejects when that door says no.
   */
  handInMessage(caller: AgentPubKey, recipient: AgentPubKey, signed: SignedMessage): Promise<void>;
  /** The same for a receipt handed to a message's author. */
  handInReceipt(caller: AgentPubKey, author: AgentPubKey, receipt: SignedReceipt): Promise<void>;
  /** Makes a file that the agent holds. */
  upload(holder: AgentPubKey, bytes: Uint8Array): Promise<MessageFile>;
  /** @throws FileNotFoundError unless the agent holds the whole of it */
  contentOf(holder: AgentPubKey, file: MessageFile): Promise<Uint8Array>;
  /**
   * The third call from now on that brings a chunk is answered too late: the recipient has the chunk, and the author does
   * not know. `null` where no call brings chunks: then no call at all comes through from now on.
   * @returns how many calls for chunks there were since
   */
  loseThirdChunk(): (() => number) | null;
  /** Whether authors are told what the agent has read, from now on. */
  tellReading(reader: AgentPubKey, isTold: boolean): Promise<void>;
  block(holder: AgentPubKey, author: AgentPubKey): Promise<void>;
  /** Lets it write again; its cell looks again at what it has dropped meanwhile. */
  unblock(holder: AgentPubKey, author: AgentPubKey): Promise<void>;
  strangerRecords(): Promise<readonly StrangerRecord[]>;
  /** The query plan of a page, as text; `null` where there is no query planner. */
  explain(holder: AgentPubKey, query: MessageQuery): Promise<string | null>;
  /**
   * Closes this strategy and opens another on what it has stored, as a process does that was started again.
   * Agents that were online are online again.
   */
  reopen(): Promise<ConformanceHarness>;
  close(): Promise<void>;
}

/** What a suite is run on. */
export interface ConformanceSubject {
  /**
   * A new strategy without agents. What earlier ones have stored may still be there: cases compare counts, and look for
   * their own agents. With an empty database for each case, the median case took 740 ms instead of 130.
   */
  open(options: SubjectOptions): Promise<ConformanceHarness>;
  /** Gives back what all strategies stored in, after the last of them is closed. */
  close(): Promise<void>;
}

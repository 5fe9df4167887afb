import { type AgentPubKey } from '@musubi/messaging';
import { type RemoteCallOutcome } from '../remote-calls.js';
import { type NodeKey } from './node-key.js';

/** What came with an agent's proof. */
export interface Introduced {
  readonly peer: NodeKey;
  readonly agent: AgentPubKey;
  /** What the peer's node says of the agent; null when it says nothing. */
  readonly statement: Uint8Array | null;
}

/** What this node makes of an agent that has proven itself on a link. */
export interface Introduction {
  /** Whether the agent is on the node at the other end. Its calls are refused as `moved` otherwise. */
  isAtHome(): Promise<boolean>;
  /** A call of the agent was answered with `ok`: what was said of it may be stored. */
  keep(): Promise<void>;
}

export interface Question {
  readonly peer: NodeKey;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** What a node does with its peers besides the calls of agents. `Membership` is one. */
export interface PeerService {
  /** What goes with the proof of an agent of this node, `MAX_STATEMENT_BYTES` at most. */
  statementOf(agent: AgentPubKey): Promise<Uint8Array | null>;
  /** Stores nothing. @throws LinkRefusedError for a statement that is forged */
  introduce(introduced: Introduced): Introduction;
  /** @throws LinkRefusedError when the peer breaks the topic's rules: its link is closed */
  answer(question: Question): Promise<RemoteCallOutcome>;
  /** There was no link to the peer, and now there is. Or the peer had lost its link, and has a new one. */
  onLinked(peer: NodeKey): void;
  /** The last link to the peer has closed. */
  onUnlinked(peer: NodeKey): void;
  /** An agent of the peer has called one that is not online here. */
  onAbsent(peer: NodeKey, callee: AgentPubKey): void;
  /** A dial has failed at all addresses. */
  onUnreachable(peer: NodeKey): void;
}

const WELCOME: Introduction = {
  isAtHome: () => Promise.resolve(true),
  keep: () => Promise.resolve(),
};

/** For nodes that know of each other in another way: they say nothing of their agents, and answer no questions. */
export const NO_SERVICE: PeerService = {
  statementOf: () => Promise.resolve(null),
  introduce: () => WELCOME,
  answer: () => Promise.resolve({ kind: 'refused', code: 'unknown-topic', retryable: false }),
  onLinked: () => undefined,
  onUnlinked: () => undefined,
  onAbsent: () => undefined,
  onUnreachable: () => undefined,
};

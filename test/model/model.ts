import { type Patience, longestShareUs } from '@musubi/delivery';
import { type CommitFaultRule, CommitFailedError, MESSAGE_STEPS, type MessageStep } from '@musubi/cell';
import {
  AgentOfflineError,
  type AgentPubKey,
  HeadMovedError,
  type MessageDraft,
  type MessageId,
  RECEIPT_STATUSES,
  type StrategyName,
} from '@musubi/messaging';
import { type NetworkFaultRule } from '@musubi/network';
import { NodeDiedError } from './node-died.js';

/** How far a message has come on one side: not held, then the ranks of its receipts. */
export const ABSENT = -1;
export const [SAVED, DELIVERED, READ] = [0, 1, 2] as const;

/** What is certain, and what is possible. */
export interface Bounds {
  least: number;
  most: number;
}

/** What is known of one pending step: as much as there can have been since it was last begun anew. */
interface Trials {
  attempts: number;
  /** For how long it can have waited, in seconds: no time that passed at once counts for more than its share. */
  waited: number;
  /** When it began, by a clock that nobody sets, in milliseconds: the machine takes its time as well. */
  begunAt: number;
  mayBeRefusedForGood: boolean;
}

const SECOND_US = 1_000_000;

/** A step that begins, or begins anew. */
export function newTrials(): Trials {
  return { attempts: 0, waited: 0, begunAt: performance.now(), mayBeRefusedForGood: false };
}

/** One message as somebody who only watches the callers and the faults can know it. */
export interface ModelMessage {
  readonly id: MessageId;
  readonly strategy: StrategyName;
  readonly draft: MessageDraft;
  readonly atAuthor: Bounds;
  readonly atRecipient: Bounds;
  readonly deletedBy: Set<AgentPubKey>;
  /** The caller was not told whether its tombstone stands. */
  readonly mayBeDeletedBy: Set<AgentPubKey>;
  readonly trials: Readonly<Record<MessageStep, Trials>>;
  /** What its outbox says of it was damaged, and may be given up. */
  isSpoilt: boolean;
}

/** The act of sending, as short as it can be said. */
export class Model {
  readonly messages: ModelMessage[] = [];
  readonly online: Set<AgentPubKey>;
  network: readonly NetworkFaultRule[] = [];
  commits: readonly CommitFaultRule[] = [];
  /** No other act is under way. */
  isAlone = true;
  /** A node elsewhere pushed letters that this one missed: its next poll finds them, and with them who is a contact. */
  hasMissedPushes = false;

  constructor(
    readonly agents: readonly AgentPubKey[],
    readonly patience: Patience,
  ) {
    this.online = new Set(agents);
  }

  /** Links between nodes were cut or are down, or one has crashed: what left an agent may arrive whenever it likes. */
  hasLinkTrouble = false;

  /** Nothing stands in the way of anything. */
  get isCalm(): boolean {
    const hasFaults = this.network.length > 0 || this.commits.length > 0;
    return this.isAlone && !this.hasLinkTrouble && !hasFaults;
  }

  /** Whether a recipient that is online hears of a message at once. */
  hears(strategy: StrategyName): boolean {
    return strategy !== 'global-dht' || !this.hasMissedPushes;
  }

  /** Time goes by, or the clock is put forward. */
  passTime(seconds: number): void {
    const share = longestShareUs(this.patience) / SECOND_US;
    // A wait that was not over, and what passed after it; a clock that was put back ends a wait before its time.
    const most = seconds < 0 ? share : Math.min(seconds, 2 * share);
    for (const { trials } of this.messages) for (const step of MESSAGE_STEPS) trials[step].waited += most;
  }

  /** Whether a step can have been given up that nobody refused for good. */
  isPatienceOver({ attempts, begunAt, waited }: Trials): boolean {
    if (this.patience.kind === 'attempts') return attempts >= this.patience.most;
    return waited + (performance.now() - begunAt) / 1000 >= this.patience.us / SECOND_US;
  }

  /** Somebody is about to save a message. */
  begin(strategy: StrategyName, id: MessageId, draft: MessageDraft): ModelMessage {
    const isToSelf = draft.author === draft.recipient;
    const most = isToSelf ? READ : SAVED;
    const message = {
      id,
      strategy,
      draft,
      atAuthor: { least: ABSENT, most },
      atRecipient: isToSelf ? { least: ABSENT, most } : { least: ABSENT, most: ABSENT },
      deletedBy: new Set<AgentPubKey>(),
      mayBeDeletedBy: new Set<AgentPubKey>(),
      trials: {
        send: newTrials(),
        delivered: newTrials(),
        read: newTrials(),
      },
      isSpoilt: false,
    };
    this.messages.push(message);
    return message;
  }

  /** Somebody is about to try a step of it. */
  attempt(message: ModelMessage, step: MessageStep): void {
    const trial = message.trials[step];
    trial.attempts += 1;
    trial.mayBeRefusedForGood ||= this.network.some(
      ({ fault }) => fault.kind === 'refused' && !fault.retryable,
    );
    const { strategy, draft } = message;
    if (step === 'send' && this.canReach(strategy, draft.recipient)) mayReach(message, DELIVERED);
  }

  /** Whether a call could get through, or a letter be left. */
  private canReach(strategy: StrategyName, recipient: AgentPubKey): boolean {
    if (strategy === 'global-dht') return true;
    if (this.hasLinkTrouble) return true;
    if (this.isAlone && !this.online.has(recipient)) return false;
    const [first] = this.network;
    return first === undefined || !isWall(first, recipient);
  }

  /** Whether what an act of that agent's ran into is what was to be expected. */
  explains(error: unknown, agent: AgentPubKey): boolean {
    if (error instanceof NodeDiedError) {
      return !this.isAlone || this.hasCommitFault('crash-before', 'crash-after');
    }
    if (error instanceof AgentOfflineError) return !this.isAlone || !this.online.has(agent);
    if (error instanceof CommitFailedError) return this.hasCommitFault('commit-fails');
    if (error instanceof HeadMovedError) return this.hasCommitFault('head-moved');
    return false;
  }

  private hasCommitFault(...kinds: readonly CommitFaultRule['fault']['kind'][]): boolean {
    return this.commits.some(({ fault }) => kinds.includes(fault.kind));
  }
}

/** It is certain from now on. */
export function learn(bounds: Bounds, rank: number): void {
  bounds.least = Math.max(bounds.least, rank);
}

/** It is possible from now on, and that the author hears of it. */
export function mayReach({ atAuthor, atRecipient }: ModelMessage, rank: number): void {
  atRecipient.most = Math.max(atRecipient.most, rank);
  atAuthor.most = Math.max(atAuthor.most, rank);
}

/** Nothing that is for this agent comes through. */
function isWall({ fault, fn, to, times, probability }: NetworkFaultRule, recipient: AgentPubKey): boolean {
  if (fault.kind !== 'not-sent' && fault.kind !== 'refused') return false;
  if (fn !== undefined || times !== undefined || probability !== undefined) return false;
  return to === undefined || to === recipient;
}

export function nameOf(rank: number): string {
  return RECEIPT_STATUSES[rank] ?? 'absent';
}

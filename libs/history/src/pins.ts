import { type NodeContext, type SourceChains, type StoredAction } from '@musubi/cell';
import { type AgentKeys, toBase64Url } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import {
  type AgentPubKey,
  HeadMovedError,
  type Message,
  MessageDeletedError,
  MessageNotFoundError,
  type MessageRef,
  MessageUndeliveredError,
  MICROSECONDS_PER_DAY,
  type Pin,
  PinAheadError,
  type PinId,
  PinLimitReachedError,
  type SignedPin,
  type Timestamp,
  changeSignal,
  parseSignature,
  parseTimestamp,
} from '@musubi/messaging';
import { pinBytes, pinEnvelope, pinIdOf } from '@musubi/receipts';
import { type History } from './history.js';
import { type MessageWriter } from './message-writer.js';
import { type HeldPin, type StoredPin } from './pin.store.js';
import { type Placement } from './placement.js';
import { type Cell, type Writer } from './writes.js';

interface PinsParts<Of extends Cell> {
  readonly node: NodeContext;
  readonly placement: Placement<Of>;
  readonly history: History;
  readonly chains: SourceChains;
  readonly keeper: MessageWriter;
}

/** A statement that is to be brought to the peer. */
export interface PendingPin {
  readonly pin: SignedPin;
  readonly peer: AgentPubKey;
  /** Those on the holder's own chain that carry it. */
  readonly actions: readonly StoredAction[];
}

/** How many statements an agent may make of one message. A peer is held to the same. */
export const PINS_PER_MESSAGE = 100;
/** A statement that is further ahead of a clock is refused by that node, and any other takes its place there. */
const MAX_AHEAD_US = 366 * MICROSECONDS_PER_DAY;
/** How often another statement may come first before this one is refused. */
const MAX_TRIES = 20;

/**
 * Who pinned what: the last writer wins, by (time, id). Each statement is signed, and has a step of its own in the outbox. One
 * that a later one has followed is not kept, nor brought to the peer, who has the later one or gets it.
 */
export class Pins<Of extends Cell> {
  constructor(private readonly parts: PinsParts<Of>) {}

  /**
   * Commits the holder's statement. One of its own that says so already is brought again: it may have been given up.
   * @returns its id; `null` where there is nobody to tell, or where the peer said so
   */
  async pin(ref: MessageRef, pinned: boolean): Promise<PinId | null> {
    const { history, node } = this.parts;
    const keys = node.keyring.keysOf(ref.holder);
    return this.repeatedly(async () => {
      const { message } = await history.findListed(ref);
      const peer = peerOf(message, ref.holder);
      const seen = await history.pins.of(keys, ref.message);
      if (this.isSaid(pinned, seen)) return this.again(keys, peer, seen);
      const pin = await this.state(keys, { ref, peer, pinned, seen });
      return pin && { result: peer === ref.holder ? null : pin };
    }, ref);
  }

  /** Commits a vetted statement of a peer's, unless a later one holds. @throws RecipientRefusesError and what it says below */
  async accept(holder: AgentPubKey, pin: SignedPin, extras: readonly Rows[] = []): Promise<void> {
    const { history, node } = this.parts;
    const keys = node.keyring.keysOf(holder);
    const ref = { holder, message: pin.message };
    // Before it looks at the message: a peer is not to learn by the answer whether that was deleted.
    if (this.isAhead(pin)) throw new PinAheadError('the statement is of a far future');
    await node.writers.require(keys, pin.by);
    await this.repeatedly(async () => {
      const isListed = await this.isOfPair(ref, pin.by);
      const seen = await history.pins.of(keys, pin.message);
      if (!this.isNews(pin, seen)) return { result: null };
      if ((seen.held?.taken ?? 0) >= PINS_PER_MESSAGE)
        throw new PinLimitReachedError('this message was pinned too often');
      return isListed ? this.keep(keys, { pin, seen, extras }) : { result: null };
    }, ref);
  }

  /** `null` when a later statement holds, or the message will never be there. @throws MessageUndeliveredError */
  async pending(holder: AgentPubKey, statement: PinId): Promise<PendingPin | null> {
    const { chains, history, node } = this.parts;
    const held = await history.pins.named(node.keyring.keysOf(holder), statement);
    if (held === null) return null;
    const { pin, place } = held;
    const { message, status } = await history.find({ holder, message: pin.message });
    if (status === 'saved') {
      const { is_deleted: isDeleted } = await history.findRow({ holder, message: pin.message });
      if (isDeleted) return null;
      throw new MessageUndeliveredError('the recipient does not have the message yet');
    }
    return {
      pin,
      peer: peerOf(message, holder),
      actions: place === null ? [] : await chains.read(place),
    };
  }

  /** Enqueues the step of what the holder said anew, if that still holds. It does not count as a further statement. */
  private async again(
    keys: AgentKeys,
    peer: AgentPubKey,
    seen: StoredPin,
  ): Promise<Ended<PinId | null> | null> {
    const { history, keeper, node, placement } = this.parts;
    const { held } = seen;
    if (held?.pin.by !== keys.agent || peer === keys.agent) return { result: null };
    const id = pinIdOf(held.pin);
    const outboxKey = { strategy: placement.strategy, message: id, step: 'pin', peer } as const;
    const written = await keeper.writePin(
      { keys, chain: null },
      {
        drafts: [],
        at: placement.actionTime(node.clock.now()),
        pinRows: () => [history.pins.put(keys, seen, held)],
        rows: node.outbox.enqueue(keys, outboxKey),
      },
    );
    return written && { result: id };
  }

  /** Whether it is so already. What holds by a time of a far future is said anew. */
  private isSaid(pinned: boolean, { held }: StoredPin): boolean {
    return held === null ? !pinned : held.pin.pinned === pinned && !this.isAhead(held.pin);
  }

  /** Too far in the future, as this node's clock shows now. */
  private isAhead(pin: Pin): boolean {
    return pin.at > this.parts.node.clock.now() + MAX_AHEAD_US;
  }

  /** Whether it takes the place of what holds. One of a far future, by a clock that was wrong, gives way to any. */
  private isNews(pin: Pin, { held }: StoredPin): boolean {
    return held === null || this.isAhead(held.pin) || isLater(pin, held.pin);
  }

  private async state(keys: AgentKeys, { ref, peer, pinned, seen }: Statement): Promise<PinId | null> {
    const { history, keeper, node, placement } = this.parts;
    const { own = 0, taken = 0 } = seen.held ?? {};
    if (own >= PINS_PER_MESSAGE) throw new PinLimitReachedError('this message was pinned too often');
    const cell = await placement.cellFor(ref.holder, peer);
    const now = node.clock.now();
    const at = this.timeAfter(seen, now);
    const pin = signed(keys, { message: ref.message, pinned, by: ref.holder, at, space: cell.chain.space });
    const id = pinIdOf(pin);
    const { strategy } = placement;
    const outboxKey = { strategy, message: id, step: 'pin', peer } as const;
    const written = await keeper.writePin(cell, {
      drafts: placement.draftsOf([pinEnvelope(pin)], cell, peer),
      at: placement.actionTime(now, cell),
      pinRows: (place) => [history.pins.put(keys, seen, { pin, place, own: own + 1, taken })],
      rows: peer === ref.holder ? [] : node.outbox.enqueue(keys, outboxKey),
    });
    if (written === null) return null;
    node.signals.emit(ref.holder, changeSignal(strategy, ref.message));
    return id;
  }

  private async keep(
    keys: AgentKeys,
    {
      pin,
      seen,
      extras,
    }: { readonly pin: SignedPin; readonly seen: StoredPin; readonly extras: readonly Rows[] },
  ): Promise<Ended<null> | null> {
    const { history, keeper, node, placement } = this.parts;
    const { own = 0, taken = 0 } = seen.held ?? {};
    const copy = await this.copyOf(keys, pin);
    const held: HeldPin = { pin, place: null, own, taken: taken + 1 };
    const written = await node.writers.admit(keys, pin.by, (admission) =>
      keeper.writePin(copy.writer, {
        drafts: copy.drafts,
        at: placement.actionTime(node.clock.now()),
        pinRows: () => [history.pins.put(keys, seen, held)],
        rows: [...admission, ...extras],
      }),
    );
    if (written === null) return null;
    node.signals.emit(keys.agent, changeSignal(placement.strategy, pin.message));
    return { result: null };
  }

  /** Later than what holds, also where that was made by a clock that is ahead; but not than what the peer refuses. */
  private timeAfter({ held }: StoredPin, now: Timestamp): Timestamp {
    if (held === null || this.isAhead(held.pin)) return now;
    return parseTimestamp(Math.max(now, held.pin.at + 1));
  }

  /** What the holder puts on its own chain of a statement that came from the peer. */
  private async copyOf(
    keys: AgentKeys,
    pin: SignedPin,
  ): Promise<{ readonly writer: Writer; readonly drafts: ReturnType<Placement<Of>['draftsOf']> }> {
    const { placement } = this.parts;
    if (!placement.copiesReceived) return { writer: { keys, chain: null }, drafts: [] };
    const cell = await placement.cellFor(keys.agent, pin.by);
    return { writer: cell, drafts: placement.draftsOf([pinEnvelope(pin)], cell, pin.by) };
  }

  /**
   * Whether the holder lists the message. Where it has deleted it, its peer is not told so.
   * @throws MessageNotFoundError also where the message is not one with this peer
   */
  private async isOfPair(ref: MessageRef, peer: AgentPubKey): Promise<boolean> {
    try {
      const { message } = await this.parts.history.findListed(ref);
      if (peerOf(message, ref.holder) === peer) return true;
    } catch (error) {
      if (!(error instanceof MessageDeletedError)) throw error;
      const { message } = await this.parts.history.find(ref);
      if (peerOf(message, ref.holder) === peer) return false;
    }
    throw new MessageNotFoundError('this agent holds no such message with this peer');
  }

  /** Again when another statement came first. @throws HeadMovedError when that does not end */
  private async repeatedly<Result>(
    work: () => Promise<Ended<Result> | null>,
    { message }: MessageRef,
  ): Promise<Result> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const ended = await work();
      if (ended !== null) return ended.result;
    }
    throw new HeadMovedError(`others pin and unpin the message ${message} all the time`);
  }
}

interface Ended<Result> {
  readonly result: Result;
}

interface Statement {
  readonly ref: MessageRef;
  readonly peer: AgentPubKey;
  readonly pinned: boolean;
  readonly seen: StoredPin;
}

/** The order of statements, the same for both of the two. */
export function isLater(pin: Pin, than: Pin): boolean {
  return pin.at === than.at ? pinIdOf(pin) > pinIdOf(than) : pin.at > than.at;
}

function signed(keys: AgentKeys, pin: Pin): SignedPin {
  return { ...pin, signature: parseSignature(toBase64Url(keys.sign(pinBytes(pin)))) };
}

function peerOf({ author, recipient }: Message, holder: AgentPubKey): AgentPubKey {
  return author === holder ? recipient : author;
}

import { createHash } from 'node:crypto';
import {
  type AgentPubKey,
  type Clock,
  MessageNotFoundError,
  type MessageRef,
  MessageUndeliveredError,
  type PinCarrier,
  type PinId,
  type Timestamp,
  parseMessageId,
  parseTimestamp,
} from '@musubi/messaging';
import { type Holding, type InMemoryAgent, type InMemoryPin } from './in-memory-agent.js';
import { type InMemoryWriter } from './in-memory-writer.js';

interface PinsParts {
  readonly clock: Clock;
  readonly writer: InMemoryWriter;
  agentOf(agent: AgentPubKey): InMemoryAgent;
  /** What the agent holds and has not deleted. @throws MessageNotFoundError, MessageDeletedError, AgentOfflineError */
  listed(ref: MessageRef): Holding;
  /** Carries one call to an agent. */
  call(callee: AgentPubKey, answer: () => Promise<void>): Promise<void>;
}

/** The last statement of a message holds, by (time, id), whatever the order in which they come. */
export class InMemoryPins implements PinCarrier {
  constructor(private readonly parts: PinsParts) {}

  async pin(ref: MessageRef, pinned: boolean): Promise<PinId | null> {
    const { parts } = this;
    const holding = parts.listed(ref);
    const { pin: seen } = holding;
    const isToTell = peerOf(holding, ref.holder) !== ref.holder;
    if ((seen?.pinned ?? false) === pinned) return seen?.by === ref.holder && isToTell ? seen.id : null;
    const pin = { pinned, by: ref.holder, at: timeAfter(seen, parts.clock) };
    const id = idOf(ref, pin);
    await parts.writer.writePin(parts.agentOf(ref.holder), holding, { ...pin, id });
    return isToTell ? id : null;
  }

  async sendPin(holder: AgentPubKey, id: PinId): Promise<boolean> {
    const held = [...this.parts.agentOf(holder).holdings.values()].find(({ pin }) => pin?.id === id);
    if (held?.pin === undefined) return false;
    const { message, pin } = held;
    if (!held.receipts.has('delivered'))
      throw new MessageUndeliveredError('the recipient does not have it yet');
    const peer = peerOf(held, holder);
    await this.parts.call(peer, () => this.accept({ holder: peer, message: message.id }, pin));
    return true;
  }

  private async accept(ref: MessageRef, pin: InMemoryPin): Promise<void> {
    const agent = this.parts.agentOf(ref.holder);
    const holding = agent.holdings.get(ref.message);
    if (holding === undefined || peerOf(holding, ref.holder) !== pin.by)
      throw new MessageNotFoundError('this agent holds no such message with this peer');
    await this.parts.writer.writePin(agent, holding, pin);
  }
}

function peerOf({ message: { author, recipient } }: Holding, holder: AgentPubKey): AgentPubKey {
  return author === holder ? recipient : author;
}

/** Later than what the maker knows. */
function timeAfter(seen: InMemoryPin | undefined, clock: Clock): Timestamp {
  return parseTimestamp(Math.max(clock.now(), (seen?.at ?? -1) + 1));
}

function idOf({ message }: MessageRef, { at, by, pinned }: Omit<InMemoryPin, 'id'>): PinId {
  const text = JSON.stringify([message, pinned, by, at]);
  return parseMessageId(createHash('sha256').update(text).digest('base64url'));
}

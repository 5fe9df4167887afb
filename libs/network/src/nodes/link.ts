import { type Clock } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { type AgentSigner, SeenProofs, ShownProofs } from './agent-proofs.js';
import { type Allowance } from './allowance.js';
import { FrameReader } from './frame.js';
import { type InFlight } from './in-flight.js';
import { IncomingCalls, type ReplyMessage, type ServeCall } from './incoming-calls.js';
import { KeepAlive } from './keep-alive.js';
import { type AgentProof, type LinkMessage, decodeMessage } from './link-message.js';
import { callFrame, replyFrame, shortFrame } from './message-frames.js';
import { type NodeKey } from './node-key.js';
import { OutgoingCalls } from './outgoing-calls.js';
import { Outflow } from './outflow.js';
import { LinkRefusedError, type RefusalReason, type Refusals } from './refusals.js';
import { type SecureChannel } from './secure-channel.js';

export interface LinkParts {
  readonly self: NodeKey;
  readonly channel: SecureChannel;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signer: AgentSigner;
  readonly serve: ServeCall;
  readonly refusals: Refusals;
  /** Of the peer, whatever links it has. */
  readonly incoming: InFlight;
  readonly outgoing: InFlight;
  /** Bytes that the peer may send. */
  readonly allowance: Allowance;
  readonly callTimeoutMs: number;
}

/** What a new proof costs of the allowance, since checking it takes as long as reading so many bytes. */
const PROOF_BYTES = 64 * 1024;
/** Answers to pings that may wait for a peer that does not read. */
const MAX_PONGS = 4;
/** How long a link that is given up waits for the calls on it. */
const RETIREMENT_MS = 30_000;

type LinkState = 'opening' | 'open' | 'retiring' | 'ending' | 'closed';

/** One connection of two nodes: calls and replies both ways, over a channel whose ends are known. */
export class Link {
  private state: LinkState = 'opening';
  private readonly closing = new AbortController();
  private readonly outflow: Outflow;
  private readonly calls: OutgoingCalls;
  private readonly served: IncomingCalls;
  private readonly shown: ShownProofs;
  private readonly seen: SeenProofs;
  private readonly keepAlive: KeepAlive;
  private isLeft = false;
  private pongs = 0;
  private isResting = false;
  private opened: (isOpen: boolean) => void = () => undefined;

  /** Whether the other side has accepted this one. False when the link closed before. */
  readonly whenOpen: Promise<boolean>;
  readonly whenClosed: Promise<void>;

  constructor(private readonly parts: LinkParts) {
    const { callTimeoutMs, channel, clock, incoming, outgoing, refusals, serve, signer } = parts;
    const { signal } = this.closing;
    this.outflow = new Outflow(channel);
    this.shown = new ShownProofs(parts, signer);
    this.seen = new SeenProofs(parts);
    this.keepAlive = new KeepAlive({
      clock,
      signal,
      ping: () => {
        this.say({ kind: 'ping' });
      },
      onDead: () => {
        this.refuse('silent');
      },
    });
    const onIdle = (): void => {
      this.endWhenIdle();
    };
    const timeoutMs = callTimeoutMs;
    this.calls = new OutgoingCalls({ clock, inFlight: outgoing, outflow: this.outflow, timeoutMs }, onIdle);
    const isProven = ({ from }: RemoteCall): boolean => this.seen.has(from, this.keepAlive.tick);
    const reply = (message: ReplyMessage, onFlushed: () => void): void => {
      this.outflow.push({ bytes: replyFrame(message), onFlushed });
    };
    this.served = new IncomingCalls({ serve, inFlight: incoming, refusals, isProven, reply }, onIdle);
    this.whenOpen = new Promise((resolve) => (this.opened = resolve));
    this.whenClosed = new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  get peer(): NodeKey {
    return this.parts.channel.peer;
  }

  get isDialler(): boolean {
    return this.parts.channel.isDialler;
  }

  /** Calls can begin on it. */
  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Accepts the other side, and waits to be accepted. */
  start(): void {
    const reader = new FrameReader((content) => {
      this.take(decodeMessage(content), content.length);
    });
    this.parts.channel.listen({
      onData: (bytes) => {
        this.read(reader, bytes);
      },
      onClose: (hasFailed) => {
        this.endOf(reader, hasFailed);
      },
    });
    this.say({ kind: 'hello' });
    void this.keepAlive.run();
  }

  /** Never rejects. */
  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const id = this.calls.nextId();
    const bytes = callFrame(id, call);
    if (bytes === null) return { kind: 'not-sent', detail: 'the call is too large to travel' };
    const withheld = this.prove(call);
    if (withheld !== null) return withheld;
    const outcome = await this.calls.call(id, bytes);
    if (outcome.kind === 'refused' && outcome.code === 'unproven-caller') this.shown.forget(call.from);
    return outcome;
  }

  /** Begins no more calls, and closes when those that there are have ended on both sides. */
  retire(): void {
    if (this.state === 'opening') this.close();
    if (this.state !== 'open') return;
    this.state = 'retiring';
    this.say({ kind: 'bye' });
    void this.parts.clock.sleep(RETIREMENT_MS, this.closing.signal).then(() => {
      this.close();
    });
    this.endWhenIdle();
  }

  /** At once: calls on it that were written are unknown. */
  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.parts.channel.destroy();
    this.opened(false);
    this.closing.abort();
    this.calls.giveUpAll();
    this.served.cut();
  }

  /** @returns what ends the call instead; null when its agent is proven */
  private prove({ from }: RemoteCall): RemoteCallOutcome | null {
    if (!this.isOpen) return { kind: 'not-sent', detail: 'the link was cut' };
    try {
      const proof = this.shown.due(from, this.keepAlive.tick);
      if (proof !== null) this.say({ kind: 'proof', proof });
      return null;
    } catch {
      return { kind: 'not-sent', detail: 'the caller is offline' };
    }
  }

  private get isOver(): boolean {
    return this.state === 'ending' || this.state === 'closed';
  }

  private read(reader: FrameReader, bytes: Uint8Array): void {
    if (this.isOver) return;
    this.keepAlive.heard();
    this.spend(bytes.length);
    try {
      reader.push(bytes);
    } catch (error) {
      this.refuse(reasonOf(error));
    }
  }

  private endOf(reader: FrameReader, hasFailed: boolean): void {
    if (this.state === 'closed') return;
    try {
      if (!hasFailed) reader.end();
    } catch (error) {
      this.parts.refusals.note(reasonOf(error));
    }
    this.close();
  }

  private take(message: LinkMessage, bytes: number): void {
    if (this.isOver) return;
    if (this.state === 'opening') this.open(message);
    else if (message.kind === 'call') this.takeCall(message, bytes);
    else this.takeOther(message);
  }

  private takeCall({ call, id }: LinkMessage & { readonly kind: 'call' }, bytes: number): void {
    if (this.isLeft) throw new LinkRefusedError('unexpected-message');
    this.served.take(id, call, bytes);
  }

  private takeOther(message: LinkMessage & { readonly kind: Exclude<LinkMessage['kind'], 'call'> }): void {
    switch (message.kind) {
      case 'hello':
        throw new LinkRefusedError('unexpected-message');
      case 'ping':
        this.pong();
        return;
      case 'pong':
        return;
      case 'proof':
        this.takeProof(message.proof);
        return;
      case 'reply':
        this.calls.settle(message.id, message.outcome);
        return;
      case 'bye':
        this.isLeft = true;
        this.retire();
        this.endWhenIdle();
    }
  }

  private open(message: LinkMessage): void {
    if (message.kind !== 'hello') throw new LinkRefusedError('unexpected-message');
    this.state = 'open';
    this.opened(true);
  }

  private takeProof(proof: AgentProof): void {
    this.spend(PROOF_BYTES);
    this.seen.take(proof, this.keepAlive.tick);
  }

  private pong(): void {
    if (this.pongs >= MAX_PONGS) throw new LinkRefusedError('flood');
    this.pongs += 1;
    this.say({ kind: 'pong' }, () => {
      this.pongs -= 1;
    });
  }

  private say(message: LinkMessage, onFlushed?: () => void): void {
    if (this.isOver) return;
    const bytes = shortFrame(message);
    const frame = onFlushed === undefined ? { bytes } : { bytes, onFlushed };
    // Ahead of the calls that wait: a slow channel is not a dead one.
    if (message.kind === 'ping' || message.kind === 'pong') this.outflow.pushFirst(frame);
    else this.outflow.push(frame);
  }

  /** Over the allowance, nothing more is read until it is renewed. */
  private spend(bytes: number): void {
    const { allowance, channel } = this.parts;
    if (allowance.take(bytes) || this.isResting) return;
    this.isResting = true;
    channel.pause();
    void allowance.renewed().then(() => {
      this.isResting = false;
      if (this.isOver) return;
      if (allowance.take(0)) channel.resume();
      else this.spend(0);
    });
  }

  private refuse(reason: RefusalReason): void {
    this.parts.refusals.note(reason);
    this.close();
  }

  private endWhenIdle(): void {
    if (this.state !== 'retiring' || !this.isLeft || !this.calls.isIdle || !this.served.isIdle) return;
    this.state = 'ending';
    this.parts.channel.end();
  }
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof LinkRefusedError) return error.reason;
  throw error;
}

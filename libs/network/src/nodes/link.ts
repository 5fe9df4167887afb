import { type AgentPubKey, type Clock } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { type AgentSigner } from './agent-proofs.js';
import { type Allowance } from './allowance.js';
import { FrameReader } from './frame.js';
import { type InFlight } from './in-flight.js';
import { IncomingCalls, type ServeCall } from './incoming-calls.js';
import { KeepAlive } from './keep-alive.js';
import { LinkAgents, type ProofMessage } from './link-agents.js';
import { type LinkMessage, decodeMessage } from './link-message.js';
import { type AskMessage, LinkQuestions } from './link-questions.js';
import { LinkSpeech } from './link-speech.js';
import { askFrame, callFrame } from './message-frames.js';
import { type NodeKey } from './node-key.js';
import { OutgoingCalls } from './outgoing-calls.js';
import { Outflow } from './outflow.js';
import { type PeerService } from './peer-service.js';
import { LinkRefusedError, type RefusalReason, type Refusals } from './refusals.js';
import { type SecureChannel } from './secure-channel.js';
import { Throttle } from './throttle.js';

export interface LinkParts {
  readonly self: NodeKey;
  readonly channel: SecureChannel;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signer: AgentSigner;
  readonly serve: ServeCall;
  readonly service: PeerService;
  readonly refusals: Refusals;
  /** Of the peer, whatever links it has. */
  readonly incoming: InFlight;
  readonly outgoing: InFlight;
  /** Bytes that the peer may send. */
  readonly allowance: Allowance;
  /** Questions that the peer may ask. */
  readonly questions: Allowance;
  readonly callTimeoutMs: number;
}

/** What a new proof costs of the allowance, since checking it takes as long as reading so many bytes. */
const PROOF_BYTES = 64 * 1024;
/** With two signed records beside it. */
const STATED_PROOF_BYTES = 3 * PROOF_BYTES;
/** What a byte of a question costs of the allowance: records in it are verified. */
const QUESTION_FACTOR = 16;
/** How long a link that is given up waits for the calls on it. */
const RETIREMENT_MS = 30_000;

type LinkState = 'opening' | 'open' | 'retiring' | 'ending' | 'closed';

/** One connection of two nodes: calls and replies both ways, over a channel whose ends are known. */
export class Link {
  private state: LinkState = 'opening';
  private readonly closing = new AbortController();
  private readonly outflow: Outflow;
  private readonly speech: LinkSpeech;
  private readonly calls: OutgoingCalls;
  private readonly served: IncomingCalls;
  private readonly agents: LinkAgents;
  private readonly questions: LinkQuestions;
  private readonly throttle: Throttle;
  private readonly keepAlive: KeepAlive;
  private isLeft = false;
  private opened: (isOpen: boolean) => void = () => undefined;

  /** Whether the other side has accepted this one. False when the link closed before. */
  readonly whenOpen: Promise<boolean>;
  readonly whenClosed: Promise<void>;

  constructor(private readonly parts: LinkParts) {
    const { callTimeoutMs, channel, clock, incoming, outgoing, refusals } = parts;
    const { signal } = this.closing;
    this.outflow = new Outflow(channel);
    this.speech = new LinkSpeech(this.outflow, () => this.isOver);
    this.throttle = new Throttle({ ...parts, signal });
    this.agents = new LinkAgents({ ...parts, speech: this.speech, tick: () => this.keepAlive.tick });
    this.keepAlive = new KeepAlive({
      clock,
      signal,
      ping: () => {
        this.speech.ping();
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
    const isProven = (call: RemoteCall): boolean => this.agents.isProven(call);
    const serve = (call: RemoteCall): Promise<RemoteCallOutcome> => this.agents.serve(call);
    this.served = new IncomingCalls(
      { serve, inFlight: incoming, refusals, isProven, speech: this.speech },
      onIdle,
    );
    const refuse = (reason: RefusalReason): void => {
      this.refuse(reason);
    };
    this.questions = new LinkQuestions({ ...parts, peer: channel.peer, served: this.served, refuse });
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
    this.speech.say({ kind: 'hello' });
    void this.keepAlive.run();
  }

  /** Never rejects. */
  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const id = this.calls.nextId();
    const bytes = callFrame(id, call);
    if (bytes === null) return { kind: 'not-sent', detail: 'the call is too large to travel' };
    const withheld = await this.prove(call);
    if (withheld !== null) return withheld;
    const outcome = await this.calls.call(id, bytes);
    this.agents.noteOutcome(call, outcome);
    return outcome;
  }

  /** A question of this node to the other. Never rejects. */
  async ask(topic: string, payload: Uint8Array): Promise<RemoteCallOutcome> {
    const id = this.calls.nextId();
    const bytes = askFrame({ kind: 'ask', id, topic, payload });
    if (bytes === null) return { kind: 'not-sent', detail: 'the question is too large to travel' };
    return this.cutNow() ?? this.calls.call(id, bytes);
  }

  /** Another record of the agent has come: its calls are judged anew. */
  reconsider(agent: AgentPubKey): void {
    this.agents.reconsider(agent);
  }

  /** Begins no more calls, and closes when those that there are have ended on both sides. */
  retire(): void {
    if (this.state === 'opening') this.close();
    if (this.state !== 'open') return;
    this.state = 'retiring';
    this.speech.say({ kind: 'bye' });
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
  private async prove({ from }: RemoteCall): Promise<RemoteCallOutcome | null> {
    try {
      if (this.isOpen) await this.agents.prove(from);
      return this.cutNow();
    } catch {
      return { kind: 'not-sent', detail: 'the caller is offline' };
    }
  }

  private cutNow(): RemoteCallOutcome | null {
    return this.isOpen ? null : { kind: 'not-sent', detail: 'the link was cut' };
  }

  private get isOver(): boolean {
    return this.state === 'ending' || this.state === 'closed';
  }

  private read(reader: FrameReader, bytes: Uint8Array): void {
    if (this.isOver) return;
    this.keepAlive.heard();
    this.throttle.spend(bytes.length);
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
    else if (message.kind === 'ask') this.takeQuestion(message, bytes);
    else this.takeOther(message);
  }

  private takeCall({ call, id }: LinkMessage & { readonly kind: 'call' }, bytes: number): void {
    if (this.isLeft) throw new LinkRefusedError('unexpected-message');
    this.served.take(id, call, bytes);
  }

  private takeQuestion(question: AskMessage, bytes: number): void {
    if (this.isLeft) throw new LinkRefusedError('unexpected-message');
    this.throttle.spend(QUESTION_FACTOR * bytes);
    this.questions.take(question, bytes);
  }

  private takeOther(
    message: LinkMessage & { readonly kind: Exclude<LinkMessage['kind'], 'call' | 'ask'> },
  ): void {
    switch (message.kind) {
      case 'hello':
        throw new LinkRefusedError('unexpected-message');
      case 'ping':
        this.speech.pong();
        return;
      case 'pong':
        return;
      case 'proof':
        this.takeProof(message);
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

  private takeProof(message: ProofMessage): void {
    this.throttle.spend(message.statement === null ? PROOF_BYTES : STATED_PROOF_BYTES);
    this.agents.takeProof(message);
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

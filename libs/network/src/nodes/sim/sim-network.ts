import { type Clock } from '@musubi/messaging';
import { type Carrier, type DialTarget, type Gate, type Listening } from '../carrier.js';
import { type NodeKey } from '../node-key.js';
import { LinkRefusedError } from '../refusals.js';
import { type SecureChannel } from '../secure-channel.js';
import { SimChannel } from './sim-channel.js';
import { SimPipe, type SimWeather } from './sim-pipe.js';

/** A connection ends after so many bytes in one direction. */
export interface SimCut {
  readonly direction: 'to-listener' | 'to-dialler';
  readonly afterBytes: number;
  /** Both ends hear of it, or neither does. */
  readonly how: 'reset' | 'half-open';
}

export interface SimDial {
  /** The names of the two nodes. */
  readonly from: string;
  readonly to: string;
}

export interface SimNetworkOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** A number in [0, 1), seeded: the same seed gives the same network. */
  readonly random: () => number;
  readonly weather?: Partial<SimWeather>;
  /** Asked once for each connection. */
  readonly cutOf?: (dial: SimDial) => SimCut | undefined;
  readonly watch?: SimWatch;
}

/** Sees what passes on the wire, and when connections are cut by `cutOf`. */
export interface SimWatch {
  onArrived(bytes: number, dial: SimDial, direction: SimCut['direction']): void;
  onCut(cut: SimCut): void;
}

interface SimHost {
  readonly node: NodeKey;
  readonly gate: Gate;
  readonly onChannel: (channel: SecureChannel) => void;
}

interface SimEnds {
  readonly dialler: SimChannel;
  readonly listener: SimChannel;
}

interface SimConnection extends SimEnds {
  readonly dial: SimDial;
}

/** One life of a node. What is left of an earlier one is heard no more. */
interface SimLife {
  readonly name: string;
  readonly node: NodeKey;
  readonly count: number;
}

const SCHEME = 'sim:';
const SECRET_BYTES = 32;
const WEATHER: SimWeather = { delayMs: [1, 20], loss: 0, retransmitMs: 200, longestSegment: 1460 };

/** A network within one process, on the clock that it is given. Its channels need no cryptography: nobody listens. */
export class SimNetwork {
  private readonly hosts = new Map<string, SimHost>();
  private readonly frozen = new Set<string>();
  private readonly severed = new Set<string>();
  private readonly connections = new Set<SimConnection>();
  /** How often a node of the name has crashed. */
  private readonly crashes = new Map<string, number>();
  private thawed: (() => void)[] = [];
  private readonly weather: SimWeather;

  constructor(private readonly options: SimNetworkOptions) {
    this.weather = { ...WEATHER, ...options.weather };
  }

  /** The carrier of one node, whose address is `sim://<name>`. */
  carrier(name: string, node: NodeKey): Carrier {
    const life = { name, node, count: this.crashesOf(name) };
    return {
      scheme: SCHEME,
      dial: (target, signal) => this.dial(life, target, signal),
      listen: (gate, onChannel): Promise<Listening> => {
        const host = { node, gate, onChannel };
        this.hosts.set(name, host);
        const close = (): void => {
          if (this.hosts.get(name) === host) this.hosts.delete(name);
        };
        return Promise.resolve({ address: `${SCHEME}//${name}`, close });
      },
    };
  }

  /** The node stands still, as one that was stopped by SIGSTOP: its connections stay, and nothing moves. */
  freeze(name: string): void {
    this.frozen.add(name);
  }

  thaw(name: string): void {
    this.frozen.delete(name);
    for (const move of this.thawed.splice(0)) move();
  }

  /** From now on dials from one to the other vanish. Connections are not affected. */
  sever({ from, to }: SimDial): void {
    this.severed.add(`${from} ${to}`);
  }

  mend({ from, to }: SimDial): void {
    this.severed.delete(`${from} ${to}`);
  }

  /** Each connection of the two ends now. `half-open`: neither of them hears of it. */
  cut(one: string, other: string, how: SimCut['how']): void {
    for (const connection of this.connections) {
      const { from, to } = connection.dial;
      if ([`${from} ${to}`, `${to} ${from}`].includes(`${one} ${other}`)) this.end(connection, how);
    }
  }

  /**
   * The process of the node is killed, and nothing of it is heard any more. `half-open`: its machine goes with it, and
   * the others hear nothing either. A carrier that is made afterwards belongs to the next process.
   */
  crash(name: string, how: SimCut['how']): void {
    this.hosts.delete(name);
    this.crashes.set(name, this.crashesOf(name) + 1);
    for (const connection of this.connections) {
      const { from, to } = connection.dial;
      if (from !== name && to !== name) continue;
      const own = from === name ? connection.dialler : connection.listener;
      if (how === 'reset') own.destroy();
      else this.end(connection, how);
      own.close(true);
    }
  }

  private crashesOf(name: string): number {
    return this.crashes.get(name) ?? 0;
  }

  private end({ dialler, listener }: SimEnds, how: SimCut['how']): void {
    for (const end of [dialler, listener]) {
      if (how === 'reset') end.close(true);
      else end.darken();
    }
  }

  private async dial(from: SimLife, target: DialTarget, signal: AbortSignal): Promise<SecureChannel> {
    const dial = { from: from.name, to: new URL(target.address).hostname };
    await this.pass(signal);
    if (this.isLost(dial) || this.crashesOf(from.name) !== from.count) await aborted(signal);
    const host = this.hosts.get(dial.to);
    if (signal.aborted || host === undefined) throw new Error('nobody answers at the address');
    const release = host.gate.admit(dial.from);
    if (release === null) throw new Error('the connection was refused');
    if (target.node !== null && host.node !== target.node) {
      release();
      throw new LinkRefusedError('wrong-node');
    }
    const { dialler, listener } = this.connect(dial, [from.node, host.node], release);
    host.onChannel(listener);
    return dialler;
  }

  private isLost({ from, to }: SimDial): boolean {
    return this.severed.has(`${from} ${to}`) || this.frozen.has(from) || this.frozen.has(to);
  }

  private connect(dial: SimDial, [from, to]: readonly [NodeKey, NodeKey], onClosed: () => void): SimEnds {
    const { cutOf, random } = this.options;
    const secret = Uint8Array.from({ length: SECRET_BYTES }, () => Math.floor(random() * 256));
    const ends = (): readonly SimChannel[] => [dialler, listener];
    const onEnded = (): void => {
      for (const end of ends()) end.close(false);
    };
    const onDestroyed = (): void => {
      // A half-open connection brings no news.
      if (!ends().some(({ isDark }) => isDark)) void this.close(ends());
    };
    const onOver = (): void => {
      onClosed();
      this.connections.delete(connection);
    };
    const common = { secret, onClosed: onOver, onDestroyed, onEnded };
    const dialler = new SimChannel({ ...common, peer: to, isDialler: true });
    const listener = new SimChannel({ ...common, peer: from, isDialler: false });
    const connection = { dial, dialler, listener };
    this.connections.add(connection);
    this.join(dial, { dialler, listener }, cutOf?.(dial));
    return { dialler, listener };
  }

  private async close(ends: readonly SimChannel[]): Promise<void> {
    await this.pass();
    for (const end of ends) end.close(true);
  }

  private join(dial: SimDial, { dialler, listener }: SimEnds, cut: SimCut | undefined): void {
    const { clock, random, watch } = this.options;
    const onCut = (): void => {
      if (cut !== undefined) watch?.onCut(cut);
      this.end({ dialler, listener }, cut?.how ?? 'half-open');
    };
    const whenMoving = (): Promise<void> => this.whenMoving(dial);
    const pipeTo = (receiver: SimChannel, direction: SimCut['direction']): SimPipe =>
      new SimPipe({
        clock,
        random,
        weather: this.weather,
        whenMoving,
        onData: (bytes) => {
          watch?.onArrived(bytes.length, dial, direction);
          return receiver.receive(bytes);
        },
        onCut,
        cutAfter: cut?.direction === direction ? cut.afterBytes : Infinity,
      });
    dialler.outgoing = pipeTo(listener, 'to-listener');
    listener.outgoing = pipeTo(dialler, 'to-dialler');
  }

  private async whenMoving({ from, to }: SimDial): Promise<void> {
    while (this.frozen.has(from) || this.frozen.has(to))
      await new Promise<void>((resolve) => this.thawed.push(resolve));
  }

  private async pass(signal?: AbortSignal): Promise<void> {
    const { clock, random } = this.options;
    const [from, to] = this.weather.delayMs;
    await clock.sleep(from + random() * (to - from), signal);
  }
}

/** @throws Error when the signal aborts */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => {
      reject(new Error('nobody answers in time'));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

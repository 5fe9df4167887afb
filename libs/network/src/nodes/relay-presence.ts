import { type TLSSocket } from 'node:tls';
import { type Clock } from '@musubi/messaging';
import { Allowance } from './allowance.js';
import { KEEP_ALIVE_MS } from './keep-alive.js';
import { HANDSHAKE_MS, abandon } from './node-tls.js';
import { SIGNALS, encodeRequest, pingAllowance, readSignal } from './relay-protocol.js';

interface RelayPresenceParts {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly connect: (signal: AbortSignal) => Promise<TLSSocket>;
  /** What comes next on the connection is a caller's. */
  readonly onCalled: (connection: TLSSocket) => void;
}

/** So that the next caller need not wait for a new one. */
const CONNECTIONS = 2;
/** Offers in a minute: a relay that calls for nobody must not keep this node busy with handshakes. */
const OFFERS_PER_MINUTE = 120;
const MINUTE_MS = 60_000;
const PAUSE_MS = { first: 500, longest: 30_000 };
/** As long as two pings without an answer. */
const SILENT_MS = 3 * KEEP_ALIVE_MS;

/** One node at one relay: connections that wait there to be called. */
export class RelayPresence {
  private readonly ending = new AbortController();
  private readonly offers: Allowance;
  private waiting = 0;

  constructor(private readonly parts: RelayPresenceParts) {
    const { clock, signal } = parts;
    this.offers = new Allowance(OFFERS_PER_MINUTE, () => clock.sleep(MINUTE_MS, signal));
    for (let count = 0; count < CONNECTIONS; count += 1) void this.run();
  }

  /** Callers find it there. */
  get isUp(): boolean {
    return this.waiting > 0;
  }

  end(): void {
    this.ending.abort('ended');
  }

  private async run(): Promise<void> {
    const { clock, random } = this.parts;
    const signal = AbortSignal.any([this.parts.signal, this.ending.signal]);
    let pauseMs = PAUSE_MS.first;
    while (!signal.aborted) {
      if (!this.offers.take(1)) await this.offers.renewed();
      const wasCalled = await this.offer(signal);
      pauseMs = wasCalled ? PAUSE_MS.first : Math.min(PAUSE_MS.longest, 2 * pauseMs);
      if (!wasCalled) await clock.sleep(pauseMs * (0.5 + random() / 2), signal);
    }
  }

  /** @returns whether somebody called */
  private async offer(signal: AbortSignal): Promise<boolean> {
    let connection: TLSSocket | undefined;
    try {
      connection = await this.within(HANDSHAKE_MS, signal, this.parts.connect);
      connection.write(encodeRequest({ kind: 'offer' }));
      await this.untilCalled(connection, signal);
      connection.write(Uint8Array.of(SIGNALS.ready));
    } catch {
      if (connection !== undefined) abandon(connection);
      return false;
    }
    this.parts.onCalled(connection);
    return true;
  }

  private async untilCalled(connection: TLSSocket, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const pings = pingAllowance(this.parts.clock, both);
    void this.ping(connection, both);
    this.waiting += 1;
    try {
      for (;;) {
        const said = await this.within(SILENT_MS, signal, (late) => readSignal(connection, late));
        if (said === SIGNALS.go) return;
        if (said !== SIGNALS.ping || !pings.take(1))
          throw new Error('the relay has no room, or talks too much');
      }
    } finally {
      this.waiting -= 1;
      over.abort('over');
    }
  }

  private async ping(connection: TLSSocket, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      connection.write(Uint8Array.of(SIGNALS.ping));
      await this.parts.clock.sleep(KEEP_ALIVE_MS, signal);
    }
  }

  private async within<Value>(
    ms: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const [ended, late] = [new AbortController(), new AbortController()];
    void this.parts.clock.sleep(ms, AbortSignal.any([signal, ended.signal])).then(() => {
      late.abort('late');
    });
    try {
      return await work(late.signal);
    } finally {
      ended.abort('ended');
    }
  }
}

import { once } from 'node:events';
import { type TLSSocket, connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Clock } from '@musubi/messaging';
import {
  type Listening,
  RELAY_ALPN,
  RelayCarrier,
  type RelayPlace,
  RelayServer,
  SimClock,
  TcpCarrier,
} from '@musubi/network/nodes';
import { until } from '../../../../test/support/until.js';
import { identityFromSeed } from './support/sim-nodes.js';
import { systemClock } from './support/tls-nodes.js';

/** What a node says first that wants to be called. */
const OFFER = new Uint8Array(33);
const [PING, GO, READY] = [0, 1, 2] as const;
const OPEN_GATE = {
  admit: () => (): undefined => undefined,
  noteHandshakeFailure: (): undefined => undefined,
};

/** Gives every offer the same answer, and hangs up on callers. */
class LoudRelay extends RelayServer {
  offered = 0;
  leftBy = 0;

  constructor(private readonly speech: Uint8Array) {
    super({ clock: systemClock() });
  }

  override serve(socket: TLSSocket): Promise<void> {
    let heard = 0;
    this.offered += 1;
    socket.on('error', () => undefined);
    socket.once('close', () => (this.leftBy += 1));
    socket.on('data', (bytes: Uint8Array) => {
      heard += bytes.length;
      if (bytes.at(-1) === READY && heard > OFFER.length) socket.destroy();
    });
    socket.write(this.speech);
    return Promise.resolve();
  }
}

let listening: Listening[];

beforeEach(() => {
  listening = [];
});

afterEach(() => {
  for (const one of listening) one.close();
});

async function untilEqual<Value>(read: () => Value, expected: Value): Promise<void> {
  await until(async () => {
    await Promise.resolve();
    expect(read()).toEqual(expected);
  });
}

async function place(relay: RelayServer): Promise<RelayPlace> {
  const identity = identityFromSeed(1);
  const listenAt = { host: '127.0.0.1', port: 0 };
  const carrier = new TcpCarrier({ identity, clock: systemClock(), listenAt, relay });
  const opened = await carrier.listen(OPEN_GATE, () => undefined);
  if (opened !== null) listening.push(opened);
  return { node: identity.key, address: opened?.address ?? '' };
}

/** A node that waits at the relay to be called. */
async function offerAt(relay: RelayPlace, clock: Clock): Promise<void> {
  const carrier = new RelayCarrier({ identity: identityFromSeed(2), clock, random: () => 0 });
  const opened = await carrier.listen(OPEN_GATE, () => undefined);
  if (opened !== null) listening.push(opened);
  carrier.offerAt(relay);
}

/** A client that says nothing by itself. */
async function connectTo({ address }: RelayPlace): Promise<TLSSocket> {
  const identity = identityFromSeed(3);
  const { hostname, port } = new URL(address);
  const socket = connect({
    host: hostname,
    port: Number(port),
    key: identity.privateKeyPem(),
    cert: identity.certificate,
    ALPNProtocols: [RELAY_ALPN],
    rejectUnauthorized: false,
  });
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'secureConnect');
  return socket;
}

describe('a relay', () => {
  it('closes an offer that pings more than is due', async () => {
    const relay = new RelayServer({ clock: systemClock() });
    const socket = await connectTo(await place(relay));
    socket.write(OFFER);
    await untilEqual(() => relay.load.offers, 1);
    socket.write(Buffer.alloc(100, PING));
    await untilEqual(() => [socket.closed, relay.load.offers], [true, 0]);
  });

  it('that pings more than is due is left', async () => {
    const loud = new LoudRelay(Buffer.alloc(100, PING));
    await offerAt(await place(loud), systemClock());
    await untilEqual(() => loud.leftBy > 0, true);
  });

  it('that calls for nobody is offered so much in a minute', async () => {
    const loud = new LoudRelay(Uint8Array.of(GO));
    const clock = new SimClock();
    await offerAt(await place(loud), clock);
    await untilEqual(() => loud.leftBy, 120);
    expect(loud.offered).toBe(120);
    await clock.advance(60_001);
    await untilEqual(() => loud.leftBy, 240);
  });
});

import { once } from 'node:events';
import { type Duplex } from 'node:stream';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Clock } from '@musubi/messaging';
import { Allowance } from './allowance.js';
import { KEEP_ALIVE_MS } from './keep-alive.js';
import { type NodeKey, parseNodeKey } from './node-key.js';
import { LinkRefusedError } from './refusals.js';

export const RELAY_ALPN = 'musubi-relay/1';

/** A public node that passes bytes on, and where it listens: `tcp://host:port`. */
export interface RelayPlace {
  readonly node: NodeKey;
  readonly address: string;
}

const SCHEME = 'relay:';

/** What others dial to reach a node through a relay: `relay://host:port/KEY`, with the relay's key. */
export function relayAddress({ address, node }: RelayPlace): string {
  return `${SCHEME}//${new URL(address).host}/${node}`;
}

/** @throws TypeError for another text */
export function relayPlaceOf(address: string): RelayPlace {
  const { host, pathname } = new URL(address);
  return { node: parseNodeKey(pathname.slice(1)), address: `tcp://${host}` };
}

/** Of one byte each: what both sides say while nobody is joined yet. */
export const SIGNALS = { ping: 0, go: 1, ready: 2, no: 3 } as const;

/** One is due in `KEEP_ALIVE_MS`. A slow network may bring a few of them together. */
const MAX_PINGS = 8;

/** Pings that the other side may send: reading each one is work, and so is an answer. */
export function pingAllowance(clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Allowance {
  return new Allowance(MAX_PINGS, () => clock.sleep(KEEP_ALIVE_MS, signal));
}

/** What a client of a relay wants: to be reached, or to reach a node that has offered itself there. */
type RelayRequest = { readonly kind: 'offer' } | { readonly kind: 'call'; readonly node: NodeKey };

const VERBS = { offer: 0, call: 1 } as const;
const KEY_BYTES = 32;
/** The verb, and a key, which is zeros in an offer. */
const REQUEST_BYTES = 1 + KEY_BYTES;

export function encodeRequest(request: RelayRequest): Uint8Array {
  const bytes = new Uint8Array(REQUEST_BYTES);
  bytes[0] = VERBS[request.kind];
  if (request.kind === 'call') bytes.set(fromBase64Url(request.node), 1);
  return bytes;
}

/** @throws LinkRefusedError for anything else; Error when the stream ends before */
export async function readRequest(stream: Duplex, signal: AbortSignal): Promise<RelayRequest> {
  const bytes = await readExactly(stream, REQUEST_BYTES, signal);
  if (bytes[0] === VERBS.offer && bytes.every((byte) => byte === 0)) return { kind: 'offer' };
  if (bytes[0] === VERBS.call) return { kind: 'call', node: parseNodeKey(toBase64Url(bytes.subarray(1))) };
  throw new LinkRefusedError('malformed-frame');
}

export async function readSignal(stream: Duplex, signal: AbortSignal): Promise<number> {
  const [byte = -1] = await readExactly(stream, 1, signal);
  return byte;
}

/** Leaves what comes after it in the stream. @throws Error when the stream ends before, or the signal aborts */
async function readExactly(stream: Duplex, length: number, signal: AbortSignal): Promise<Uint8Array> {
  for (;;) {
    const bytes = stream.read(length) as Uint8Array | null;
    if (bytes?.length === length) return bytes;
    if (bytes !== null || stream.readableEnded || stream.destroyed) throw new Error('the stream has ended');
    await nextEvent(stream, signal);
  }
}

/** More bytes, or the end. */
async function nextEvent(stream: Duplex, signal: AbortSignal): Promise<void> {
  const either = new AbortController();
  const both = AbortSignal.any([signal, either.signal]);
  try {
    await Promise.race([
      once(stream, 'readable', { signal: both }),
      once(stream, 'end', { signal: both }),
      once(stream, 'close', { signal: both }),
    ]);
  } finally {
    either.abort('heard');
  }
}

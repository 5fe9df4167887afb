import { type Clock } from '@musubi/messaging';
import { type Admission } from './admission.js';
import { type Carrier, type DialTarget } from './carrier.js';
import { LinkRefusedError, type Refusals } from './refusals.js';
import { type SecureChannel } from './secure-channel.js';
import { type NodePlace } from './whereabouts.js';

/** Where to dial; the node is null when its key is not known yet. */
type DialPlace = Pick<NodePlace, 'addresses'> & Pick<DialTarget, 'node'>;

/** Tries all addresses of a node at once. @returns null when none has answered with the node's key */
export type DialAll = (place: DialPlace, signal: AbortSignal) => Promise<SecureChannel | null>;

interface DiallerParts {
  readonly carriers: readonly Carrier[];
  readonly clock: Pick<Clock, 'sleep'>;
  readonly admission: Pick<Admission, 'mayDialHost'>;
  readonly refusals: Refusals;
  readonly timeoutMs: number;
}

/** As many as a record has addresses and relays. */
const MAX_ADDRESSES = 12;

export function makeDialAll(parts: DiallerParts): DialAll {
  return async ({ addresses, node }, signal) => {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    void parts.clock.sleep(parts.timeoutMs, either).then(() => {
      stop.abort();
    });
    let isWon = false;
    const dials = addresses.slice(0, MAX_ADDRESSES).map(async (address) => {
      const channel = await carrierFor(parts, address).dial({ address, node }, either);
      // Only the first is used; another that is ready too must not be left open.
      if (isWon || signal.aborted) channel.destroy();
      else isWon = true;
      return channel;
    });
    for (const dial of dials) dial.catch(noteRefusal(parts.refusals));
    try {
      const channel = await Promise.any(dials);
      if (!signal.aborted) return channel;
      channel.destroy();
      return null;
    } catch {
      return null;
    } finally {
      stop.abort();
    }
  };
}

function carrierFor({ admission, carriers }: DiallerParts, address: string): Carrier {
  const { protocol } = new URL(address);
  const carrier = carriers.find(({ scheme }) => scheme === protocol);
  if (carrier === undefined) throw new Error('no carrier has this scheme');
  if (!admission.mayDialHost(hostOf(address))) throw new Error('the host was dialled too often');
  return carrier;
}

/** One name for each spelling of a host, on all its ports: `127.1` is 127.0.0.1. @throws TypeError for no host */
function hostOf(address: string): string {
  const { hostname } = new URL(address.replace(/^[^:]*/, 'https'));
  return hostname.replace(/\.$/, '');
}

function noteRefusal(refusals: Refusals): (error: unknown) => void {
  return (error) => {
    if (error instanceof LinkRefusedError) refusals.note(error.reason);
  };
}

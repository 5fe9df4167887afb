import { isIPv6 } from 'node:net';
import { type Clock } from '@musubi/messaging';
import { Allowances } from './allowance.js';
import { type Gate } from './carrier.js';
import { type NodeKey } from './node-key.js';
import { type Refusals } from './refusals.js';

export interface AdmissionLimits {
  /** Connections from others at once, and those of one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Connections that one address or node may begin in a minute, and that this node begins to one host. */
  readonly dialsPerMinute: number;
}

interface AdmissionParts {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly limits: AdmissionLimits;
  readonly refusals: Refusals;
  readonly signal: AbortSignal;
}

const MINUTE_MS = 60_000;
/** Addresses, nodes and hosts that are remembered for a minute: so many of each. */
const MAX_ADDRESSES = 10_000;
/** An IPv6 customer has a whole /64. */
const PREFIX_GROUPS = 4;

/** Decides on connections before any cryptography, by their addresses alone. */
export class Admission implements Gate {
  private readonly open = new Map<string, number>();
  /** Each has a table of its own: strangers who fill that of their addresses stop no dial of this node. */
  private readonly dials: Readonly<Record<'from' | 'of' | 'to', Allowances>>;
  private total = 0;

  constructor(private readonly parts: AdmissionParts) {
    const { clock, limits, signal } = parts;
    const limit = limits.dialsPerMinute;
    const table = (): Allowances =>
      new Allowances({ clock, limit, windowMs: MINUTE_MS, maxNames: MAX_ADDRESSES, signal });
    this.dials = { from: table(), of: table(), to: table() };
  }

  admit(address: string): (() => void) | null {
    const { limits, refusals } = this.parts;
    const source = sourceOf(address);
    const others = this.open.get(source) ?? 0;
    if (this.total >= limits.connections || others >= limits.connectionsPerAddress) {
      refusals.note('too-many-connections');
      return null;
    }
    if (!this.mayDial('from', source)) return null;
    this.total += 1;
    this.open.set(source, others + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.release(source);
      isHeld = false;
    };
  }

  noteHandshakeFailure(): void {
    this.parts.refusals.note('handshake');
  }

  /** A node may come from many addresses. */
  mayLink(node: NodeKey): boolean {
    return this.mayDial('of', node);
  }

  /** Forged records must not make this node attack a host. */
  mayDialHost(host: string): boolean {
    return this.mayDial('to', host);
  }

  private mayDial(way: 'from' | 'of' | 'to', name: string): boolean {
    const isAllowed = this.dials[way].take(name);
    if (!isAllowed) this.parts.refusals.note('too-many-dials');
    return isAllowed;
  }

  private release(source: string): void {
    this.total -= 1;
    const left = (this.open.get(source) ?? 0) - 1;
    if (left > 0) this.open.set(source, left);
    else this.open.delete(source);
  }
}

/** What counts as one source: an IPv4 address, or the first 64 bits of an IPv6 address. */
function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? [] : Array.from({ length: PREFIX_GROUPS }, () => '0');
  return [...groups, ...zeros].slice(0, PREFIX_GROUPS).join(':');
}

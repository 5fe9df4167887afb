import { toBase64Url } from '@musubi/crypto';
import { type Clock, type Log } from '@musubi/messaging';
import { type NodeKey, type NodeLinks, type NodePlace, parseNodeKey } from '@musubi/network/nodes';
import { type NodeRecord } from '../record/node-record.js';
import { type PeerStore, type StoredRecord } from '../store/record-store.js';
import { placeOf } from '../store/whereabouts.js';
import { type BootstrapNode } from './bootstrap.js';
import { Turns } from './turns.js';

interface AcquaintanceParts {
  readonly self: NodeKey;
  readonly links: Pick<NodeLinks, 'reach' | 'discover' | 'linked' | 'isLinked' | 'forgive'>;
  readonly store: PeerStore;
  readonly bootstrap: readonly BootstrapNode[];
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: () => number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Links that a node looks for by itself. Calls make more. */
const WANTED_LINKS = 8;
/** Nodes that a node tries at once, by chance, while it is alone. */
const TRIED_ALONE = 8;
/** Nodes that hear from this one when it comes back: those of cards, then those that were linked last. */
const MOST_GREETED = 64;
const GREETED_AT_ONCE = 8;
const PAGE = 512;
/** Pauses of a node without any link: with a dial of 2 s they stay below the 5 s that a start without network has. */
const ALONE_MS = { first: 250, longest: 2000 };
const IN_COMPANY_MS = 60_000;
const KEY_BYTES = 32;

/** Keeps this node linked to some others: those of the configuration, and those of which it has records. */
export class Acquaintance {
  /** Who answered at an address of the configuration. */
  private readonly found = new Map<string, NodeKey>();
  private readonly turns = new Turns(GREETED_AT_ONCE);
  private pause = new AbortController();
  private greeting: Promise<void> | undefined;

  constructor(private readonly parts: AcquaintanceParts) {}

  async run(): Promise<void> {
    const { clock, links, random, signal } = this.parts;
    let aloneMs = ALONE_MS.first;
    while (!signal.aborted) {
      this.pause = new AbortController();
      await this.look().catch(() => {
        this.parts.log.warn('peers-not-read');
      });
      const isAlone = links.linked().length === 0;
      const ms = isAlone ? aloneMs : IN_COMPANY_MS;
      aloneMs = isAlone ? Math.min(ALONE_MS.longest, 2 * aloneMs) : ALONE_MS.first;
      await clock.sleep(ms * (0.5 + random() / 2), AbortSignal.any([signal, this.pause.signal]));
      // A node that hangs up at once must not be dialled without a pause.
      if (this.pause.signal.aborted) await clock.sleep(ALONE_MS.first, signal);
    }
  }

  /** The last link has closed: others are looked for at once. */
  noteAlone(): void {
    this.pause.abort('alone');
  }

  /** This node was alone, and is not any more: it tries others again, and they hear that it is back. */
  async greet(): Promise<void> {
    this.parts.links.forgive();
    this.greeting ??= this.greetAll()
      .catch(() => {
        this.parts.log.warn('peers-not-read');
      })
      .finally(() => (this.greeting = undefined));
    await this.greeting;
  }

  private async look(): Promise<void> {
    const { bootstrap, links } = this.parts;
    const isAlone = links.linked().length === 0;
    const wanted = isAlone ? TRIED_ALONE : WANTED_LINKS - links.linked().length;
    const known = wanted > 0 ? await this.some(wanted) : [];
    await Promise.all([
      ...bootstrap.map((node) => this.visit(node)),
      ...known.map((place) => links.reach(place, { isUrgent: isAlone })),
    ]);
  }

  private async visit({ address, node }: BootstrapNode): Promise<void> {
    const { links, self } = this.parts;
    if (node !== null) {
      await links.reach({ node, addresses: [address] }, { isUrgent: true });
      return;
    }
    const known = this.found.get(address);
    if (known !== undefined && (known === self || links.isLinked(known))) return;
    const found = await links.discover(address);
    if (found !== null) this.found.set(address, found);
  }

  /** Nodes by chance, from a random key on. */
  private async some(count: number): Promise<readonly NodePlace[]> {
    const { random, store } = this.parts;
    const from = Uint8Array.from({ length: KEY_BYTES }, () => Math.floor(random() * 256));
    const after = await store.list(parseNodeKey(toBase64Url(from)), count + 1);
    const all = after.length > count ? after : [...after, ...(await store.list(null, count + 1))];
    return this.placesOf(all).slice(0, count);
  }

  private async greetAll(): Promise<void> {
    const all: StoredRecord<NodeRecord>[] = [];
    for (let after: NodeKey | null | undefined = null; after !== undefined;) {
      const page: readonly StoredRecord<NodeRecord>[] = await this.parts.store.list(after, PAGE);
      all.push(...page.filter(({ contactDay, isPinned }) => isPinned || contactDay !== null));
      after = page.length < PAGE ? undefined : page.at(-1)?.record.content.node;
    }
    const places = this.placesOf(all.sort(byAcquaintance)).slice(0, MOST_GREETED);
    await Promise.all(places.map((place) => this.turns.take(() => this.parts.links.reach(place))));
  }

  private placesOf(records: readonly StoredRecord<NodeRecord>[]): readonly NodePlace[] {
    const { links, self } = this.parts;
    const places = new Map(records.map(({ record }) => [record.content.node, placeOf(record.content)]));
    return [...places.values()].filter(
      ({ addresses, node }) => node !== self && addresses.length > 0 && !links.isLinked(node),
    );
  }
}

function byAcquaintance(a: StoredRecord<NodeRecord>, b: StoredRecord<NodeRecord>): number {
  if (a.isPinned !== b.isPinned) return a.isPinned ? -1 : 1;
  return (b.contactDay ?? 0) - (a.contactDay ?? 0);
}

import {
  type ActionRow,
  type DhtOp,
  type Hash,
  hashFrom,
  holdingOf,
  opsOf,
  signedActionFrom,
} from '@musubi/cell';
import { type AgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type HeldRow, type Observer } from './observer.js';
import { Published } from './published.js';

interface ShareHolderOptions {
  /** The stranger. */
  readonly agent: AgentPubKey;
  /** Everybody in the open spaces, the stranger among them or not. */
  readonly agents: readonly AgentPubKey[];
  /** R; Holochain's 5 when absent. */
  readonly redundancy?: number;
}

/** Ops that come with the entry's body. */
const WITH_ENTRY: ReadonlySet<DhtOp['type']> = new Set(['store-record', 'store-entry']);

/** A stranger that asks for nothing: it looks at what it was given to hold, as one of the authorities. */
export class ShareHolder implements Observer {
  readonly name = 'stranger-with-share';
  private readonly published: Published;
  private readonly holds: (basis: Hash) => boolean;

  constructor(db: DataSource, { agent, agents, redundancy }: ShareHolderOptions) {
    this.published = new Published(db);
    this.holds = holdingOf(agent, agents, redundancy);
  }

  async *rows(): AsyncGenerator<HeldRow> {
    const entries = new Set<Hash>();
    for await (const action of this.published.actions()) {
      const ops = this.heldOpsOf(action);
      if (ops.length === 0) continue;
      for (const entry of ops.flatMap(entryOf)) entries.add(entry);
      yield { table: 'action', values: { ...action } };
    }
    yield* this.heldLinks();
    yield* this.heldEntries(entries);
  }

  private heldOpsOf(action: ActionRow): readonly DhtOp[] {
    return opsOf(signedActionFrom(action)).filter(({ basis }) => this.holds(basis));
  }

  private async *heldLinks(): AsyncGenerator<HeldRow> {
    for await (const link of this.published.links()) {
      if (this.holds(hashFrom(link.base))) yield { table: 'dht_link', values: { ...link } };
    }
  }

  private async *heldEntries(ofRecords: ReadonlySet<Hash>): AsyncGenerator<HeldRow> {
    for await (const entry of this.published.entries()) {
      const hash = hashFrom(entry.hash);
      if (ofRecords.has(hash) || this.holds(hash)) yield { table: 'dht_entry', values: { ...entry } };
    }
  }
}

/** The public entry whose body comes with an op, if any. */
function entryOf({ type, action }: DhtOp): readonly Hash[] {
  const { content } = action.action;
  const isPublic = content.type === 'create' && content.entry.visibility === 'public';
  return isPublic && WITH_ENTRY.has(type) ? [content.entry.hash] : [];
}

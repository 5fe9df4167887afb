import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Client, type MessageJson } from './client.js';

/** What one client of an agent knows, which it keeps up to date by changes alone. */
export class KnownState {
  readonly messages = new Map<string, MessageJson>();

  private constructor(
    private readonly client: Client,
    private readonly token: string,
    public cursor: string,
  ) {}

  /** Of a client that has just loaded everything there is. */
  static async load(client: Client, token: string): Promise<KnownState> {
    const { next } = await client.get('changes', '/v1/changes?since=latest', { token });
    const state = new KnownState(client, token, next);
    for (const message of await listed(client, token)) state.messages.set(message.id, message);
    return state;
  }

  /** Of one that knows nothing yet. */
  static async empty(client: Client, token: string): Promise<KnownState> {
    const { items, next } = await client.get('changes', '/v1/changes?limit=1', { token });
    const state = new KnownState(client, token, next);
    state.takeAll(items);
    return state;
  }

  /** Asks for changes until there are none. */
  async catchUp(limit: number): Promise<void> {
    for (;;) {
      const path = `/v1/changes?since=${this.cursor}&limit=${limit}`;
      const { items, next } = await this.client.get('changes', path, { token: this.token });
      this.takeAll(items);
      this.cursor = next;
      if (items.length === 0) return;
    }
  }

  /** Takes an event of a stream, as `GET /v1/signals` sends it. */
  takeEvent({
    id,
    type,
    data,
  }: {
    readonly id: string;
    readonly type: string;
    readonly data: unknown;
  }): void {
    this.cursor = id;
    const message = data as MessageJson;
    if (type === 'deleted') this.messages.delete(message.id);
    else if (type !== 'heartbeat') this.messages.set(message.id, message);
  }

  sorted(): readonly MessageJson[] {
    return sortedById([...this.messages.values()]);
  }

  private takeAll(items: readonly Change[]): void {
    for (const item of items) {
      if (item.type === 'deleted') this.messages.delete(item.id);
      else this.messages.set(item.message.id, item.message);
    }
  }
}

type Change =
  | { readonly type: 'message'; readonly message: MessageJson }
  | { readonly type: 'deleted'; readonly id: string };

/** Everything an agent holds, from the pages of all placements. */
export async function listed(client: Client, token: string): Promise<readonly MessageJson[]> {
  const pages = await Promise.all(
    STRATEGY_NAMES.map((strategy) =>
      client.get('messages', `/v1/strategies/${strategy}/messages?limit=200`, { token }),
    ),
  );
  return sortedById(pages.flatMap(({ items }) => items));
}

function sortedById(messages: readonly MessageJson[]): readonly MessageJson[] {
  return [...messages].sort((a, b) => (a.id < b.id ? -1 : 1));
}

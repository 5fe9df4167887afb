import { dataOf, unless } from './answers.js';
import { changeCalls } from './change-calls.js';
import { Changes, type ChangesOptions } from './changes.js';
import { ClientBase } from './client-base.js';
import { type Draft, type NewTyping, payloadOf } from './options.js';
import { type CallOptions, newKey } from './transport.js';
import {
  type Agent,
  type AgentPage,
  type AgentQuery,
  type Contact,
  type ContactChange,
  type ContactPage,
  type ContactQuery,
  type ConversationQuery,
  type Message,
  type MessageQuery,
  type PinQuery,
  type ReceiptBatch,
  type SearchQuery,
  type Settings,
  type SettingsChange,
  type StartQuery,
  type Strategy,
  type StrategyName,
} from './types.js';
import {
  type ConversationPage,
  type MessagePage,
  type Start,
  checkedConversations,
  checkedMessages,
  checkedStart,
  itemsOf,
} from './pages.js';

const DEFAULT_WAIT_S = 1;
const BATCH = 200;

/** A client of one Musubi service, as at most one agent. */
export class MusubiClient extends ClientBase {
  async strategies(call: CallOptions = {}): Promise<readonly Strategy[]> {
    return dataOf(await this.http.GET('/v1/strategies', this.through(call))).items;
  }

  /** The directory of this node, a page at a time. */
  async agents(query: AgentQuery = {}, call: CallOptions = {}): Promise<AgentPage> {
    return dataOf(await this.http.GET('/v1/agents', { params: { query }, ...this.through(call) }));
  }

  async agent(agent: string, call: CallOptions = {}): Promise<Agent> {
    const params = { path: { agent } };
    return dataOf(await this.http.GET('/v1/agents/{agent}', { params, ...this.through(call) }));
  }

  /** What a client shows at its start, in one call, and from where its changes go on without a gap. */
  async start(query: StartQuery = {}, call: CallOptions = {}): Promise<Start> {
    const answer = await this.http.GET('/v1/start', { params: { query }, ...this.through(call) });
    return checkedStart(dataOf(answer), this.verifies);
  }

  /** This agent's contacts, with its own names for them, a page at a time. */
  async contacts(query: ContactQuery = {}, call: CallOptions = {}): Promise<ContactPage> {
    return dataOf(await this.http.GET('/v1/contacts', { params: { query }, ...this.through(call) }));
  }

  /** Adds a contact, or sets something of one. One of another node needs its card at first. */
  async setContact(agent: string, change: ContactChange = {}, call: CallOptions = {}): Promise<Contact> {
    const params = { path: { agent } };
    return dataOf(
      await this.http.PUT('/v1/contacts/{agent}', { params, body: change, ...this.through(call) }),
    );
  }

  /** Those that it has are in `start`. */
  async changeSettings(change: SettingsChange, call: CallOptions = {}): Promise<Settings> {
    return dataOf(await this.http.PUT('/v1/settings', { body: change, ...this.through(call) }));
  }

  /** Sends a text, or a file that `files.upload` has brought. The answer says how far it came within `wait`: `saved` means that the service goes on. */
  async send(draft: Draft, call: CallOptions = {}): Promise<Message> {
    const { to, strategy, replyTo = null, idempotencyKey = newKey(), wait = DEFAULT_WAIT_S } = draft;
    const answer = await this.http.POST('/v1/strategies/{strategy}/messages', {
      params: {
        path: { strategy },
        header: { 'Idempotency-Key': idempotencyKey, Prefer: `wait=${wait}` },
      },
      body: { to, payload: payloadOf(draft), replyTo },
      ...this.through(call, wait),
    });
    return this.checked(dataOf(answer));
  }

  /** A page of messages, latest first. */
  async messages(
    strategy: StrategyName,
    query: MessageQuery = {},
    call: CallOptions = {},
  ): Promise<MessagePage> {
    const path = '/v1/strategies/{strategy}/messages';
    const params = { path: { strategy }, query };
    const answer = await this.http.GET(path, { params, ...this.through(call) });
    return checkedMessages(dataOf(answer), this.verifies);
  }

  /** All messages, latest first, read page by page. */
  history(
    strategy: StrategyName,
    query: Pick<MessageQuery, 'with' | 'before' | 'limit'> = {},
    call: CallOptions = {},
  ): AsyncGenerator<Message, void, undefined> {
    return itemsOf((from) => this.messages(strategy, { ...query, ...from }, call), query);
  }

  /** All messages with these words, latest first, looked for answer by answer; what is not proven is left out. */
  search(
    strategy: StrategyName,
    query: SearchQuery,
    call: CallOptions = {},
  ): AsyncGenerator<Message, void, undefined> {
    const path = '/v1/strategies/{strategy}/search';
    return itemsOf(async (from) => {
      const params = { path: { strategy }, query: { ...query, ...from } };
      const page = dataOf(await this.http.GET(path, { params, ...this.through(call) }));
      return checkedMessages({ ...page, prev: null }, this.verifies);
    }, query);
  }

  async message(strategy: StrategyName, message: string, call: CallOptions = {}): Promise<Message> {
    const params = { path: { strategy, message } };
    const path = '/v1/strategies/{strategy}/messages/{message}';
    return this.checked(dataOf(await this.http.GET(path, { params, ...this.through(call) })));
  }

  /** The last message and the unread count of each peer. */
  async conversations(
    strategy: StrategyName,
    query: ConversationQuery = {},
    call: CallOptions = {},
  ): Promise<ConversationPage> {
    const request = { params: { path: { strategy }, query }, ...this.through(call) };
    const answer = await this.http.GET('/v1/strategies/{strategy}/conversations', request);
    return checkedConversations(dataOf(answer), this.verifies);
  }

  /** Tells a peer that this agent is writing to it, or has stopped. It is shown for 6 s, if it arrives at all. */
  async tellTyping(strategy: StrategyName, typing: NewTyping, call: CallOptions = {}): Promise<void> {
    const params = { path: { strategy } };
    const body = { typing: true, ...typing };
    await this.http.POST('/v1/strategies/{strategy}/typing', { params, body, ...this.through(call) });
  }

  /** Marks any number of received messages as read. `untold` has those read without a receipt, `failed` those that could not be marked, and why. */
  async markRead(
    strategy: StrategyName,
    messages: readonly string[],
    call: CallOptions = {},
  ): Promise<ReceiptBatch> {
    const all: ReceiptBatch = { items: [], untold: [], failed: [] };
    for (let start = 0; start < messages.length; start += BATCH) {
      const batch = await this.markBatch(strategy, messages.slice(start, start + BATCH), call);
      all.items.push(...batch.items);
      all.untold.push(...batch.untold);
      all.failed.push(...batch.failed);
    }
    return all;
  }

  /** For the author: tries again now, with the whole patience. */
  async retry(
    strategy: StrategyName,
    message: string,
    { wait = DEFAULT_WAIT_S, ...call }: CallOptions & { readonly wait?: number } = {},
  ): Promise<Message> {
    const params = { path: { strategy, message }, header: { Prefer: `wait=${wait}` } };
    const path = '/v1/strategies/{strategy}/messages/{message}/retry';
    const answer = await this.http.POST(path, { params, ...this.through(call, wait) });
    return this.checked(dataOf(answer));
  }

  /** Pins a message for both of the two; the peer sees it now or later. What is pinned stays so. */
  async pin(strategy: StrategyName, message: string, call: CallOptions = {}): Promise<Message> {
    const params = { path: { strategy, message } };
    const path = '/v1/strategies/{strategy}/messages/{message}/pin';
    return this.checked(dataOf(await this.http.PUT(path, { params, ...this.through(call) })));
  }

  /** Unpins it for both. What is not pinned stays so. */
  async unpin(strategy: StrategyName, message: string, call: CallOptions = {}): Promise<Message> {
    const params = { path: { strategy, message } };
    const path = '/v1/strategies/{strategy}/messages/{message}/pin';
    return this.checked(dataOf(await this.http.DELETE(path, { params, ...this.through(call) })));
  }

  /** The pinned messages of one conversation, latest first, as far as they are proven. */
  pinned(
    strategy: StrategyName,
    query: PinQuery,
    call: CallOptions = {},
  ): AsyncGenerator<Message, void, undefined> {
    const path = '/v1/strategies/{strategy}/pins';
    return itemsOf(async (from) => {
      const params = { path: { strategy }, query: { ...query, ...from } };
      const answer = await this.http.GET(path, { params, ...this.through(call) });
      return checkedMessages(dataOf(answer), this.verifies);
    }, query);
  }

  /** Deletes a message for this agent. What is deleted already stays so. */
  async remove(strategy: StrategyName, message: string, call: CallOptions = {}): Promise<void> {
    const params = { path: { strategy, message } };
    const path = '/v1/strategies/{strategy}/messages/{message}';
    await unless('message-deleted', this.http.DELETE(path, { params, ...this.through(call) }));
  }

  /** What is new or changed, as it happens, whatever becomes of the connection: `for await (const change of …)`. */
  changes(options: ChangesOptions = {}): Changes {
    const { http, transport, waiting, verifies } = this;
    const calls = changeCalls({ http, transport, url: this.options.url });
    return new Changes({ ...calls, waiting, verifies }, options);
  }

  private async markBatch(
    strategy: StrategyName,
    messages: readonly string[],
    call: CallOptions,
  ): Promise<ReceiptBatch> {
    const params = { path: { strategy } };
    const body = { status: 'read' as const, messages: [...messages] };
    const options = { params, body, ...this.through(call) };
    const answer = await this.http.POST('/v1/strategies/{strategy}/receipts', options);
    return dataOf(answer);
  }
}

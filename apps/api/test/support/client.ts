import { z } from 'zod';
import { until } from '../../../../test/support/until.js';

const messageSchema = z.object({
  id: z.string(),
  strategy: z.string(),
  author: z.string(),
  recipient: z.string(),
  payload: z.object({ type: z.string(), text: z.string() }),
  replyTo: z.string().nullable(),
  sentAt: z.string(),
  nonce: z.string(),
  status: z.string(),
  receipts: z.array(
    z.object({
      message: z.string(),
      status: z.string(),
      by: z.string(),
      at: z.string(),
      space: z.string(),
      signature: z.string(),
    }),
  ),
  unread: z.boolean(),
  pinned: z.boolean(),
  delivery: z
    .object({
      step: z.string(),
      attempt: z.number(),
      nextAttemptAt: z.string().nullable(),
      lastError: z.string().nullable(),
    })
    .optional(),
});
export type MessageJson = z.infer<typeof messageSchema>;

const cloneSchema = z.object({ peer: z.string(), state: z.string() });

const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable(), prev: z.string().nullable() });

const conversationsSchema = page(z.object({ peer: z.string(), last: messageSchema, unread: z.number() }));

const schemas = {
  agent: z.object({ agent: z.string(), token: z.string() }),
  token: z.object({ token: z.string() }),
  message: messageSchema,
  messages: page(messageSchema),
  changes: z.object({
    items: z.array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('message'), strategy: z.string(), message: messageSchema }),
        z.object({ type: z.literal('deleted'), strategy: z.string(), id: z.string() }),
      ]),
    ),
    next: z.string(),
    prev: z.null(),
  }),
  conversations: conversationsSchema,
  start: z.object({
    agent: z.object({ agent: z.string(), nickname: z.string() }),
    conversations: z.record(z.string(), conversationsSchema),
    changes: z.string(),
    exact: z.boolean(),
  }),
  directory: page(z.object({ agent: z.string(), nickname: z.string(), online: z.boolean() })),
  receipts: page(messageSchema.shape.receipts.element),
  clone: cloneSchema,
  clones: page(cloneSchema),
  problem: z.object({
    type: z.string(),
    title: z.string().min(1),
    status: z.number(),
    detail: z.string().min(1),
    retryable: z.boolean(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
};

export interface RequestOptions {
  readonly token?: string;
  readonly method?: string;
  /** An object is sent as JSON; bytes and text as they are. */
  readonly body?: object | string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Agent {
  readonly agent: string;
  readonly token: string;
}

/** REST over real HTTP; answers are held against schemas. */
export class Client {
  constructor(readonly url: string) {}

  request(path: string, options: RequestOptions = {}): Promise<Response> {
    const { token, body, headers } = options;
    return fetch(`${this.url}${path}`, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: contentOf(body) }),
    });
  }

  /** @throws Error unless the answer has that status and shape */
  async get<Name extends keyof typeof schemas>(
    name: Name,
    path: string,
    options: RequestOptions & { readonly status?: number } = {},
  ): Promise<z.output<(typeof schemas)[Name]>> {
    const response = await this.request(path, options);
    const text = await response.text();
    const expected = options.status ?? (options.body === undefined ? 200 : 201);
    if (response.status !== expected) throw new Error(`${path}: ${response.status} ${text}`);
    return schemas[name].parse(JSON.parse(text)) as z.output<(typeof schemas)[Name]>;
  }

  newAgent(nickname: string, passphrase?: string): Promise<Agent> {
    const body = passphrase === undefined ? { nickname } : { nickname, passphrase };
    return this.get('agent', '/v1/agents', { body });
  }

  send(strategy: string, from: Agent, to: Agent, extra: SendExtra = {}): Promise<MessageJson> {
    const { text = 'hello', headers = {}, ...rest } = extra;
    const body = { to: to.agent, payload: { type: 'text', text }, ...rest };
    return this.get('message', `/v1/strategies/${strategy}/messages`, { token: from.token, body, headers });
  }

  /** Sends, and waits until the author knows of the delivery, however long the machine takes. */
  async deliver(strategy: string, from: Agent, to: Agent, extra: SendExtra = {}): Promise<MessageJson> {
    const headers = { prefer: 'wait=30', ...extra.headers };
    const sent = await this.send(strategy, from, to, { ...extra, headers });
    if (sent.status !== 'saved') return sent;
    return until(async () => {
      const path = `/v1/strategies/${strategy}/messages/${sent.id}`;
      const message = await this.get('message', path, { token: from.token });
      if (message.status === 'saved') throw new Error(`still saved: ${JSON.stringify(message.delivery)}`);
      return message;
    });
  }
}

function contentOf(body: NonNullable<RequestOptions['body']>): string | Buffer {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
}

export interface SendExtra {
  readonly text?: string;
  readonly replyTo?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

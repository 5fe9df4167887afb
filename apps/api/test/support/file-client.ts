import { expect } from '@jest/globals';
import { type MessageFile, messageFileSchema } from '@musubi/messaging';
import { z } from 'zod';
import { until } from '../../../../test/support/until.js';
import { type Agent, type Client } from './client.js';

const messageSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  payload: z.looseObject({
    type: z.string(),
    text: z.string().nullable(),
    file: messageFileSchema.optional(),
  }),
});
const problemSchema = z.looseObject({
  type: z.string(),
  status: z.number(),
  errors: z.array(z.object({ path: z.string() })).default([]),
});

export type FileMessage = z.infer<typeof messageSchema>;
type Headers = Readonly<Record<string, string>>;

/** What is asked for with a token, and who is written to. */
interface Sending {
  readonly strategy: string;
  readonly from: Agent;
  readonly to: Agent;
}

/** Files over real HTTP. */
export class FileClient {
  constructor(private readonly client: Client) {}

  post({ token }: Agent, body: Uint8Array | string, query: string, headers: Headers = {}): Promise<Response> {
    const type = { 'content-type': 'application/octet-stream' };
    return this.client.request(`/v1/files?${query}`, { token, body, headers: { ...type, ...headers } });
  }

  async upload(agent: Agent, body: Uint8Array, file: Partial<MessageFile> = {}): Promise<MessageFile> {
    const { name = 'notes.txt', mediaType = 'text/plain' } = file;
    const answer = await this.post(agent, body, new URLSearchParams({ name, mediaType }).toString());
    expect(answer.status).toBe(201);
    return messageFileSchema.parse(await answer.json());
  }

  download({ token }: Agent, { id }: { readonly id: string }, headers: Headers = {}): Promise<Response> {
    return this.client.request(`/v1/files/${id}`, { token, headers });
  }

  discard({ token }: Agent, { id }: { readonly id: string }): Promise<Response> {
    return this.client.request(`/v1/files/${id}`, { token, method: 'DELETE' });
  }

  send({ strategy, from, to }: Sending, payload: object): Promise<Response> {
    const body = { to: to.agent, payload };
    const headers = { prefer: 'wait=30' };
    return this.client.request(pathOf(strategy), { token: from.token, body, headers });
  }

  /** Sends, and waits until the author knows of the delivery, however long the machine takes. */
  async deliver(sending: Sending, payload: object): Promise<FileMessage> {
    const answer = await this.send(sending, payload);
    expect(answer.status).toBe(201);
    const { id } = messageSchema.parse(await answer.json());
    return until(async () => {
      const message = await this.find(sending.strategy, sending.from, id);
      expect(message.status).toBe('delivered');
      return message;
    });
  }

  async find(strategy: string, { token }: Agent, id: string): Promise<FileMessage> {
    const answer = await this.client.request(`${pathOf(strategy)}/${id}`, { token });
    return messageSchema.parse(await answer.json());
  }

  /** The ids of the messages with these words. */
  async search(strategy: string, { token }: Agent, words: string): Promise<readonly string[]> {
    const path = `/v1/strategies/${strategy}/search?${new URLSearchParams({ text: words }).toString()}`;
    const answer = await this.client.request(path, { token });
    const { items } = z.object({ items: z.array(messageSchema) }).parse(await answer.json());
    return items.map(({ id }) => id);
  }

  async remove(strategy: string, { token }: Agent, id: string): Promise<void> {
    const answer = await this.client.request(`${pathOf(strategy)}/${id}`, { token, method: 'DELETE' });
    expect(answer.status).toBe(204);
  }
}

function pathOf(strategy: string): string {
  return `/v1/strategies/${strategy}/messages`;
}

export async function bytesOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer());
}

/** Status, code, and the path of the first error. */
export async function problemOf(answer: Response): Promise<readonly [number, string, string | undefined]> {
  const { errors, status, type } = problemSchema.parse(await answer.json());
  expect(status).toBe(answer.status);
  return [status, type.replace('urn:musubi:problem:', ''), errors[0]?.path];
}

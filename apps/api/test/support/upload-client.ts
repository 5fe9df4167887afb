import { expect } from '@jest/globals';
import { z } from 'zod';
import { type Agent, type Client } from './client.js';

const uploadSchema = z.strictObject({
  upload: z.string(),
  offset: z.number(),
  size: z.number(),
  expiresAt: z.string(),
});

/** Uploads that go on after a break, over real HTTP. */
export class UploadClient {
  constructor(private readonly client: Pick<Client, 'request'>) {}

  begin({ token }: Agent, upload: object): Promise<Response> {
    return this.client.request('/v1/uploads', { token, body: { name: 'notes.txt', ...upload } });
  }

  /** @returns the upload's id */
  async begun(agent: Agent, upload: object): Promise<string> {
    const answer = await this.begin(agent, upload);
    expect(answer.status).toBe(201);
    return uploadSchema.parse(await answer.json()).upload;
  }

  look({ token }: Agent, upload: string): Promise<Response> {
    return this.client.request(`/v1/uploads/${upload}`, { token, method: 'HEAD' });
  }

  append(
    { token }: Agent,
    upload: string,
    { body, offset, type = 'application/partial-upload' }: Part,
  ): Promise<Response> {
    const headers = { 'content-type': type, 'upload-offset': String(offset) };
    return this.client.request(`/v1/uploads/${upload}`, { token, method: 'PATCH', body, headers });
  }

  remove({ token }: Agent, upload: string): Promise<Response> {
    return this.client.request(`/v1/uploads/${upload}`, { token, method: 'DELETE' });
  }
}

interface Part {
  readonly offset: number | string;
  readonly body: Uint8Array;
  readonly type?: string;
}

/** Status, `Upload-Offset` and `Upload-Length`. */
export function stateOf({ headers, status }: Response): readonly [number, string | null, string | null] {
  return [status, headers.get('upload-offset'), headers.get('upload-length')];
}

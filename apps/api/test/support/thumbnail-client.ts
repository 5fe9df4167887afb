import { expect } from '@jest/globals';
import { type MessageFile } from '@musubi/messaging';
import sharp, { type Metadata } from 'sharp';
import { type Agent, type Client } from './client.js';
import { FileClient, bytesOf, problemOf } from './file-client.js';

interface Picture {
  readonly bytes: Buffer;
  /** As Sharp reads it. */
  readonly metadata: Metadata;
}

/** Thumbnails over real HTTP. */
export class ThumbnailClient {
  readonly files: FileClient;

  constructor(private readonly client: Client) {
    this.files = new FileClient(client);
  }

  get(
    { token }: Agent,
    { id }: Pick<MessageFile, 'id'>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return this.client.request(`/v1/files/${id}/thumbnail`, { token, headers });
  }

  /** The thumbnail of a file of these bytes, whose name and type say nothing of them. */
  async made(agent: Agent, image: Uint8Array): Promise<Picture> {
    const file = await this.files.upload(agent, image, {
      name: 'a.bin',
      mediaType: 'application/octet-stream',
    });
    const picture = await pictureOf(await this.get(agent, file));
    expect((await this.files.discard(agent, file)).status).toBe(204);
    return picture;
  }

  /** What a file of these bytes is answered with, which says that it is an image. */
  async refusal(agent: Agent, bytes: Uint8Array): Promise<readonly [number, string]> {
    const file = await this.files.upload(agent, bytes, { name: 'a.png', mediaType: 'image/png' });
    const [status, code] = await problemOf(await this.get(agent, file));
    expect((await this.files.discard(agent, file)).status).toBe(204);
    return [status, code];
  }
}

/** The picture in a good answer. */
export async function pictureOf(answer: Response): Promise<Picture> {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp']);
  const bytes = await bytesOf(answer);
  return { bytes, metadata: await sharp(bytes).metadata() };
}

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { messageFileSchema } from '@musubi/messaging';
import { type Agent } from '../../apps/api/test/support/client.js';
import { FileClient } from '../../apps/api/test/support/file-client.js';
import { UploadClient, stateOf } from '../../apps/api/test/support/upload-client.js';
import { LinkedNode } from './support/linked-node.js';
import { PASSPHRASE, bytesOf, exportOf, importTo, problemIn } from './support/moving.js';

const SIZE = CHUNK_BYTES + 4321;

let from: LinkedNode;
let to: LinkedNode;

beforeAll(async () => {
  [from, to] = await Promise.all([LinkedNode.start(), LinkedNode.start()]);
});

afterAll(async () => {
  await Promise.all([from.close(), to.close()]);
});

it('an upload of an agent that moves goes on at its new home, and not at the old one', async () => {
  const body = randomBytes(SIZE);
  const [there, here] = [new UploadClient(from.client), new UploadClient(to.client)];
  const carol = await from.client.newAgent('carol', PASSPHRASE);
  const upload = await there.begun(carol, { size: SIZE });
  const first = { offset: 0, body: body.subarray(0, CHUNK_BYTES) };
  const rest = { offset: CHUNK_BYTES, body: body.subarray(CHUNK_BYTES) };
  expect((await there.append(carol, upload, first)).status).toBe(204);

  const file = await bytesOf(await exportOf(from, carol));
  expect(await problemIn(await there.append(carol, upload, rest))).toEqual([410, 'agent-moved']);
  const { token } = (await (await importTo(to, carol, file)).json()) as { readonly token: string };
  const moved: Agent = { agent: carol.agent, token };

  expect(stateOf(await here.look(moved, upload))).toEqual([204, String(CHUNK_BYTES), String(SIZE)]);
  const answer = await here.append(moved, upload, rest);
  const uploaded = messageFileSchema.parse(await answer.json());
  const content = await bytesOf(await new FileClient(to.client).download(moved, uploaded));
  expect(Buffer.compare(content, body)).toBe(0);
});

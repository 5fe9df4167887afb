import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES, MAX_UPLOADS, type Uploads } from '@musubi/cell';
import { type AgentKeys, fromBase64Url, randomBytes } from '@musubi/crypto';
import {
  type AgentPubKey,
  FileNotFoundError,
  FileQuotaExceededError,
  type FileDigest,
  UploadLimitReachedError,
  UploadUnknownError,
  type UploadId,
  parseFileDigest,
} from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { countOn, uploadOn } from './support/file-acts.js';

const SIZE = CHUNK_BYTES + 4321;
const DAY_S = 86_400;
const DAY_US = DAY_S * 1_000_000;

let node: DeliveryNode;
let uploads: Uploads;
let agent: AgentPubKey;
let keys: AgentKeys;

beforeAll(async () => {
  node = await DeliveryNode.open();
  ({ uploads } = node.context.files);
});

beforeEach(async () => {
  agent = await node.newAgent();
  keys = node.keyring.keysOf(agent);
});

afterAll(() => node.close());

const digestOf = (bytes: Uint8Array): FileDigest =>
  parseFileDigest(createHash('sha256').update(bytes).digest('base64url'));

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

const begin = async (bytes: Uint8Array): Promise<UploadId> => {
  const named = { name: 'a file.bin', mediaType: 'application/octet-stream' };
  const { upload } = await uploads.begin(keys, { ...named, size: bytes.length, digest: digestOf(bytes) });
  return upload;
};

const chunks = (): Promise<number> => countOn(node, 'file_chunk', agent);

/** So that a later day is not reached by adding some hours. */
function toMorning(): void {
  node.clock.set((1.1 * DAY_US - (node.clock.now() % DAY_US)) / 1_000_000);
}

describe('an upload that is not complete', () => {
  it('goes on until 24 hours have passed, and is gone then, with its chunks', async () => {
    const bytes = randomBytes(SIZE);
    const upload = await begin(bytes);
    await uploads.append(keys, upload, { offset: 0, content: streamOf(bytes.subarray(0, CHUNK_BYTES)) });
    expect(await chunks()).toBe(1);

    node.clock.set(DAY_S - 60);
    expect(await uploads.find(keys, upload)).toEqual({ offset: CHUNK_BYTES, size: SIZE, file: null });
    node.clock.set(61);
    await expect(uploads.find(keys, upload)).rejects.toThrow(UploadUnknownError);
    const rest = { offset: CHUNK_BYTES, content: streamOf(bytes.subarray(CHUNK_BYTES)) };
    await expect(uploads.append(keys, upload, rest)).rejects.toThrow(UploadUnknownError);
    expect([await countOn(node, 'file', agent), await chunks()]).toEqual([0, 0]);
  });

  it('takes none of the 16 places when it has expired, and goes when another is begun', async () => {
    const bytes = randomBytes(10);
    for (let count = 0; count < MAX_UPLOADS; count += 1) await begin(bytes);
    await expect(begin(bytes)).rejects.toThrow(UploadLimitReachedError);

    node.clock.set(DAY_S + 1);

    await begin(bytes);
    expect(await countOn(node, 'file', agent)).toBe(1);
  });

  it('takes no room from a file that comes when it has expired', async () => {
    const upload = await begin(randomBytes(10));
    const all = 'update file set bytes = 1000000000000 where slot = $1';
    await node.context.db.query(all, [fromBase64Url(upload)]);
    await expect(uploadOn(node, agent, randomBytes(10))).rejects.toThrow(FileQuotaExceededError);

    node.clock.set(DAY_S + 1);

    await uploadOn(node, agent, randomBytes(10));
    expect(await countOn(node, 'file', agent)).toBe(1);
  });

  it('is gone when its clock was far ahead', async () => {
    node.clock.set(365 * DAY_S);
    const upload = await begin(randomBytes(10));
    node.clock.set(-365 * DAY_S);

    await expect(uploads.find(keys, upload)).rejects.toThrow(UploadUnknownError);
    expect(await countOn(node, 'file', agent)).toBe(0);
  });

  it.each([
    ['takes less room than it needs', 'update file set bytes = 0 where slot = $1'],
    ['never expires by its day', 'update file set day = null where slot = $1'],
    ['lacks its first chunk', 'delete from file_chunk where slot = $1 and place = 0'],
    ['cannot be read', `update file set sealed = decode('00', 'hex') where slot = $1`],
  ])('is gone when its row %s, as an agent’s file may bring one', async (_, change) => {
    const bytes = randomBytes(2 * CHUNK_BYTES + 1);
    const upload = await begin(bytes);
    const content = streamOf(bytes.subarray(0, 2 * CHUNK_BYTES));
    await uploads.append(keys, upload, { offset: 0, content });

    await node.context.db.query(change, [fromBase64Url(upload)]);

    await expect(uploads.find(keys, upload)).rejects.toThrow(UploadUnknownError);
    expect([await countOn(node, 'file', agent), await chunks()]).toEqual([0, 0]);
    await begin(bytes);
  });

  it('goes the day after next when anybody on the node uploads', async () => {
    toMorning();
    await begin(randomBytes(10));
    const other = await node.newAgent();

    node.clock.set(DAY_S);
    await uploadOn(node, other, randomBytes(10));
    expect(await countOn(node, 'file', agent)).toBe(1);
    node.clock.set(DAY_S);
    await uploadOn(node, other, randomBytes(10));
    expect(await countOn(node, 'file', agent)).toBe(0);
  });
});

describe('an upload that is complete', () => {
  it('waits for a message as long as every file, however long it took', async () => {
    toMorning();
    const bytes = randomBytes(10);
    const upload = await begin(bytes);
    // On the next day, and in time.
    node.clock.set(0.95 * DAY_S);
    const { file } = await uploads.append(keys, upload, { offset: 0, content: streamOf(bytes) });
    if (file === null) throw new Error('the upload is not complete');
    const other = await node.newAgent();

    node.clock.set(DAY_S);
    await uploadOn(node, other, randomBytes(10));

    expect((await node.context.files.find(keys, file.id)).file).toEqual(file);
    expect((await uploads.find(keys, upload)).file).toEqual(file);
  });

  it('is unknown when its file has been let go of', async () => {
    const bytes = randomBytes(10);
    const upload = await begin(bytes);
    const { file } = await uploads.append(keys, upload, { offset: 0, content: streamOf(bytes) });
    if (file === null) throw new Error('the upload is not complete');

    await node.context.files.remove(keys, file.id);

    await expect(uploads.find(keys, upload)).rejects.toThrow(UploadUnknownError);
    await expect(node.context.files.find(keys, file.id)).rejects.toThrow(FileNotFoundError);
  });
});

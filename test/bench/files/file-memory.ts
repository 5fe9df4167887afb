import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTestDatabase } from '@musubi/database/testing';
import { type MessageFile, messageFileSchema } from '@musubi/messaging';
import { serviceDatabase } from '../../../apps/api/src/node/database.js';
import { type Agent, Client } from '../../../apps/api/test/support/client.js';
import { NODE_SECRET } from '../../../apps/api/test/support/open-service.js';
import { startServiceProcess } from '../../../apps/api/test/support/service-process.js';
import { p50 } from '../figures.js';

/** Between two transfers the service does nothing for so long. */
const PAUSE_MS = 500;
const BYTES_PER_KB = 1024;
/** Written to clear_refs: the highest resident size counts anew from now on (proc(5)). */
const RESET_PEAK = '5';

export interface FileSettings {
  readonly bytes: number;
  /** Each is an upload and a download; so is a round. */
  readonly warmUps: number;
  readonly rounds: number;
}

interface Transfers {
  readonly raisedBytes: readonly number[];
  readonly ms: readonly number[];
}

export interface FileReport {
  readonly settings: FileSettings;
  /** RSS of the idle service: when it has started, and the median over what comes after the warm-up. */
  readonly startedBytes: number;
  readonly warmBytes: number;
  /** By transfer: the highest RSS during it, less the warm one. */
  readonly up: Transfers;
  readonly down: Transfers;
}

/** Sends the service the largest file again and again, one transfer at a time, and reads its memory. Linux only. */
export async function measureFiles(settings: FileSettings, signal: AbortSignal): Promise<FileReport> {
  const database = await openTestDatabase(serviceDatabase, { poolSize: 2 });
  const service = await startServiceProcess({
    PORT: '0',
    DATABASE_URL: database.url,
    NODE_SECRET,
    LOG_LEVEL: 'warn',
    FILES_MB_PER_AGENT: '4096',
  });
  try {
    const client = new Client(service.url);
    const memory = new Memory(service.pid);
    const load = { client, agent: await client.newAgent('alice'), body: randomBytes(settings.bytes) };
    const startedBytes = await memory.now();
    for (let warmUp = 0; warmUp < settings.warmUps; warmUp += 1) await download(load, await upload(load));
    const [up, down] = [new Series(memory), new Series(memory)];
    for (let round = 0; round < settings.rounds; round += 1) {
      signal.throwIfAborted();
      const file = await up.add(() => upload(load));
      await down.add(() => download(load, file));
    }
    const warmBytes = p50([...up.before, ...down.before]);
    return { settings, startedBytes, warmBytes, up: up.over(warmBytes), down: down.over(warmBytes) };
  } finally {
    await service.end('SIGTERM');
    await database.close();
  }
}

/** The resident memory of a process, as the kernel counts it. */
class Memory {
  constructor(private readonly pid: number) {}

  now(): Promise<number> {
    return this.read('VmRSS');
  }

  /** The highest since the last reset. */
  peak(): Promise<number> {
    return this.read('VmHWM');
  }

  resetPeak(): Promise<void> {
    return writeFile(`/proc/${this.pid}/clear_refs`, RESET_PEAK);
  }

  private async read(field: string): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`the kernel does not tell ${field}`);
    return Number(kilobytes) * BYTES_PER_KB;
  }
}

/** Transfers of one kind. */
class Series {
  readonly before: number[] = [];
  private readonly peaks: number[] = [];
  private readonly ms: number[] = [];

  constructor(private readonly memory: Memory) {}

  async add<Result>(transfer: () => Promise<Result>): Promise<Result> {
    await sleep(PAUSE_MS);
    this.before.push(await this.memory.now());
    await this.memory.resetPeak();
    const began = performance.now();
    const result = await transfer();
    this.ms.push(performance.now() - began);
    this.peaks.push(await this.memory.peak());
    return result;
  }

  over(warmBytes: number): Transfers {
    return { raisedBytes: this.peaks.map((peak) => peak - warmBytes), ms: this.ms };
  }
}

interface Load {
  readonly client: Client;
  readonly agent: Agent;
  readonly body: Buffer;
}

async function upload({ agent: { token }, body, client }: Load): Promise<MessageFile> {
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await client.request('/v1/files?name=a.bin&mediaType=text/plain', { token, body, headers });
  if (answer.status !== 201) throw new Error(`the upload was answered with ${answer.status}`);
  return messageFileSchema.parse(await answer.json());
}

/** Takes the bytes as they come. */
async function download({ agent: { token }, body, client }: Load, { id }: MessageFile): Promise<void> {
  const answer = await client.request(`/v1/files/${id}`, { token });
  let bytes = 0;
  for await (const part of answer.body ?? []) bytes += (part as Uint8Array).length;
  if (bytes !== body.length) throw new Error(`${bytes} bytes came of ${body.length}`);
}

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { membershipDatabase } from '@musubi/membership';
import { type AgentPubKey, type MessageFile, type MessageId } from '@musubi/messaging';
import { type SimCut } from '@musubi/network/nodes';
import { countOn, saveFileOn, uploadOn } from '../../libs/node/test/support/file-acts.js';
import { type LinkedHome } from '../model/nodes/linked-home.js';
import { LinkedNodes } from '../model/nodes/linked-nodes.js';
import { Premises } from '../model/premises.js';
import { fraction, seededBytes } from '../model/seeded-bytes.js';
import { TransferWatch } from './support/transfer-watch.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
const LEAST_CUTS = 100;
/** Of a file; the last one is not full. */
const CHUNKS = 6;
const SIZE = (CHUNKS - 1) * CHUNK_BYTES + 4321;
/** Rounds of storm end when there were cuts enough; each has so many files in either direction. */
const MOST_ROUNDS = 10;
const FILES = 3;
/** Frames of links: what a chunk takes on the wire. */
const FRAME_BYTES = 256 * 1024;
/** What a new link and the first calls of an attempt take, both nodes together. */
const AGAIN_BYTES = 64 * 1024;
/** So often, in simulated seconds, somebody looks what is due and what has arrived. */
const LOOK_S = 5;
const MOST_LOOKS = 5000;

interface SentFile {
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
  readonly message: MessageId;
  readonly file: MessageFile;
  readonly bytes: Uint8Array;
}

/** Notes at each message with a file how many of its chunks its holder has in that very transaction. */
const WITNESS = `
  create table held_with_message (chunks integer not null);
  create function note_held() returns trigger language plpgsql as $$
  begin
    insert into held_with_message
    select count(*) from file_chunk where holder = new.holder and slot = new.slot;
    return null;
  end $$;
  create trigger note_held after insert on file_use for each row execute function note_held();`;

let premises: readonly Premises[];

beforeEach(async () => {
  premises = await Promise.all([Premises.open(membershipDatabase), Premises.open(membershipDatabase)]);
  for (const { database } of premises) await database.dataSource.query(WITNESS);
});

afterEach(() => Promise.all(premises.map((each) => each.close())));

/** Two nodes with an agent each, and the files between them. */
class Correspondence {
  readonly watch = new TransferWatch();
  readonly sent: SentFile[] = [];
  private readonly arrived = new Set<SentFile>();
  /** In which an attempt is under way. */
  private readonly lanes = new Map<string, Promise<void>>();
  private isStormy = false;
  private system!: LinkedNodes;

  constructor(
    private readonly strategy: (typeof PLACEMENTS)[number],
    private readonly seed: number,
  ) {}

  async open(): Promise<this> {
    const { seed, watch } = this;
    const random = seededBytes(seed + 7);
    this.system = await LinkedNodes.open({
      premises,
      agents: 2,
      seed,
      // Some thirty to a chunk: as short ones as on a real way would take minutes.
      weather: { loss: 0.01, longestSegment: 16_384 },
      cutOf: () => (this.isStormy ? cutFrom(() => fraction(random)) : undefined),
      watch,
      watched: (calls) => watch.watched(calls),
    });
    return this;
  }

  /** From now on each connection is cut, and the one that there is ends now. */
  brew(): void {
    this.isStormy = true;
    const [here, there] = this.system.homes;
    this.system.network.cut(here?.name ?? '', there?.name ?? '', 'reset');
  }

  heal(): void {
    this.isStormy = false;
  }

  /** One file in each direction. */
  async sendBoth(): Promise<void> {
    const [alice, bob] = this.agents();
    for (const [author, recipient] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const bytes = seededBytes(this.seed + 100 + this.sent.length)(SIZE);
      const { file, message } = await this.system.within(author, async (node) => {
        const uploaded = await uploadOn(node, author, bytes);
        const saved = await saveFileOn(node, { strategy: this.strategy, author, recipient, file: uploaded });
        return { file: uploaded, message: saved };
      });
      this.sent.push({ author, recipient, message, file, bytes });
    }
  }

  /** Waits in simulated time, and holds each delivery that an author knows of against what the recipient has. */
  async untilDelivered(): Promise<void> {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      for (const home of this.system.homes) await this.takeUp(home);
      await this.system.advance(LOOK_S);
      for (const sent of this.sent) {
        if (this.arrived.has(sent) || !(await this.isDelivered(sent))) continue;
        expect(await this.contentOf(sent)).toBe('whole and equal');
        this.arrived.add(sent);
      }
      if (this.arrived.size === this.sent.length) return;
    }
    throw new Error('not everything has arrived');
  }

  /** As a worker does, with a longer pause between its looks: one step of a lane after another. */
  private async takeUp({ running }: LinkedHome): Promise<void> {
    if (running === undefined) throw new Error('no node runs');
    const { attempts, keyring, outbox } = running.node;
    const due = await outbox.claim({
      holders: keyring.online(),
      busyLanes: [...this.lanes.keys()],
      limit: 8,
    });
    for (const work of due) {
      const before = this.lanes.get(work.lane) ?? Promise.resolve();
      const lane = before
        .then(() => attempts.make(work))
        .then(() => {
          if (this.lanes.get(work.lane) === lane) this.lanes.delete(work.lane);
        });
      this.lanes.set(work.lane, lane);
    }
  }

  /** What the agents hold in the end: each message once, each chunk once, and nothing that is still to be done. */
  async holdings(): Promise<object> {
    const [alice, bob] = this.agents();
    const of = async (agent: AgentPubKey): Promise<object> =>
      this.system.within(agent, async (node) => {
        const { items } = await node.strategies[this.strategy].messages.list(agent, {
          anchor: { at: 'latest' },
          limit: 200,
        });
        return {
          messages: items.map(({ message: { id } }) => id).toSorted(),
          statuses: [...new Set(items.map(({ status }) => status))],
          files: await countOn(node, 'file', agent),
          chunks: await countOn(node, 'file_chunk', agent),
          uses: await countOn(node, 'file_use', agent),
          toBeDone: await node.owedCount(),
        };
      });
    return { alice: await of(alice), bob: await of(bob) };
  }

  /** How many chunks were there whenever a message was stored that refers to them. */
  async heldWithMessages(): Promise<readonly number[]> {
    const rows = await Promise.all(
      premises.map(({ database }) =>
        database.dataSource.query<{ chunks: number }[]>('select chunks from held_with_message'),
      ),
    );
    return rows.flat().map(({ chunks }) => chunks);
  }

  close(): Promise<void> {
    return this.system.close();
  }

  private agents(): readonly [AgentPubKey, AgentPubKey] {
    const [alice, bob] = this.system.keys.keys();
    if (alice === undefined || bob === undefined) throw new Error('there are not two agents');
    return [alice, bob];
  }

  private isDelivered({ author, message }: SentFile): Promise<boolean> {
    return this.system.within(author, async ({ strategies }) => {
      const { status } = await strategies[this.strategy].messages.find({ holder: author, message });
      return status === 'delivered';
    });
  }

  private contentOf({ bytes, file, recipient }: SentFile): Promise<string> {
    return this.system.within(recipient, async ({ context: { files }, keyring }) => {
      const keys = keyring.keysOf(recipient);
      const held = await files.find(keys, file.id);
      let from = 0;
      for await (const part of files.bytes(keys, held, { first: 0, last: file.size - 1 })) {
        if (Buffer.compare(part, bytes.subarray(from, from + part.length)) !== 0) return 'another one';
        from += part.length;
      }
      return from === bytes.length ? 'whole and equal' : 'cut off';
    });
  }
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}

/** Most cuts tear a chunk; one in four comes while the link opens, or in the replies. */
function cutFrom(random: () => number): SimCut {
  const most = random() < 0.25 ? 16 * 1024 : 1.25 * FRAME_BYTES;
  return {
    direction: random() < 0.5 ? 'to-listener' : 'to-dialler',
    afterBytes: Math.floor(random() * most),
    how: random() < 0.7 ? 'reset' : 'half-open',
  };
}

describe.each(PLACEMENTS)('files on %s over links that are cut at random bytes', (strategy) => {
  it('arrive once and whole, and only what is missing is pushed again', async () => {
    const files = await new Correspondence(strategy, 20_261).open();
    const { watch } = files;
    try {
      await files.sendBoth();
      await files.untilDelivered();
      const calm = { bytes: watch.bytes, pushes: watch.pushes };
      expect(calm.pushes).toBe(2 * CHUNKS);

      files.brew();
      for (let round = 0; round < MOST_ROUNDS && watch.cutsOfChunks < LEAST_CUTS; round += 1) {
        for (let count = 0; count < FILES; count += 1) await files.sendBoth();
        await files.untilDelivered();
      }
      files.heal();
      await files.untilDelivered();

      const chunks = files.sent.length * CHUNKS;
      const messages = files.sent.map(({ message }) => message).toSorted();
      const both = { messages, statuses: ['delivered'], files: messages.length, chunks, toBeDone: 0 };
      const own = { ...both, uses: messages.length };
      expect(await files.holdings()).toEqual({ alice: own, bob: own });
      // Of both holders, also where a message was stored in vain and again.
      expect(new Set(await files.heldWithMessages())).toEqual(new Set([CHUNKS]));
      expect(await files.heldWithMessages()).toHaveLength(2 * messages.length);

      const { cuts, cutsOfChunks, ways } = watch;
      const again = {
        pushes: watch.pushes - chunks,
        bytes: watch.bytes - (files.sent.length / 2) * calm.bytes,
      };
      process.stdout.write(
        `${strategy}: ${cutsOfChunks} of ${cuts} cuts fell into a chunk. Besides ${chunks} chunks, ${again.pushes} were pushed ` +
          `again. A cut cost ${kib(again.bytes / cuts)} KiB; a file has ${kib(SIZE)}.\n`,
      );
      expect(cutsOfChunks).toBeGreaterThanOrEqual(LEAST_CUTS);
      expect([...ways.keys()].toSorted()).toEqual(['half-open', 'reset']);
      // What a cut costs at most: the chunk that it tore, and a new link.
      expect(again.pushes).toBeLessThanOrEqual(cuts);
      expect(again.bytes).toBeLessThanOrEqual(cuts * (FRAME_BYTES + AGAIN_BYTES));
    } finally {
      await files.close();
    }
  });
});

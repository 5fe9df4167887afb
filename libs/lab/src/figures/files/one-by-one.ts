import { Crawler, type Observer, Operator, WholeDisk, Wiretap } from '@musubi/observers';
import { type LabServer } from '../../node/lab-server.js';
import { type Variant } from '../../node/variants.js';
import { type FileObserverReport } from '../../report/files-report.js';
import { type FileCanaries, canariesOf } from '../../simulation/sent-files.js';
import { type Simulation, simulate } from '../../simulation/simulation.js';
import { type PlannedFile, type Send, workloadOf } from '../../workloads/workload.js';
import { FileView, type News, sizesIn } from './file-view.js';
import { Unpadded } from './unpadded.js';
import { conversantOf } from '../parties.js';
import { type Sharing, sharesOf } from '../strangers.js';

const MINUTE = 60_000_000;
/** Of one chunk and of several; the first two of each three differ by a byte. */
const SIZES = [20_000, 20_001, 24_500, 140_000, 140_001, 146_000, 600_000, 600_001, 700_000] as const;
const BYTE_PAIRS = [0, 3, 6] as const;
const AGAIN = 140_000;
/** Writes to both ends of the files, and gets none. */
const CONVERSANT = 5;
/** A control: one of the two who know everything. It opens messages here, and no chunks. */
const RECIPIENT = 'recipient';

const fileOf = (bytes: number): PlannedFile => ({ kind: 'document', bytes });
const OPENINGS = [
  [0, 1],
  [1, 2],
  [3, 4],
  [5, 0],
  [5, 1],
] as const;

/** Conversations begin, then comes a text, then the files; one is passed on, and one is uploaded by somebody else. */
const SENDS: readonly (readonly [from: number, to: number, fileBytes?: number])[] = [
  ...OPENINGS,
  ...OPENINGS,
  [0, 1],
  ...SIZES.map((bytes) => [0, 1, bytes] as const),
  [1, 2, AGAIN],
  [3, 4, AGAIN],
];
const TEXT = 2 * OPENINGS.length;

const WORKLOAD = workloadOf('files', CONVERSANT + 1, SENDS.map(sendAt));

function sendAt([from, to, fileBytes]: (typeof SENDS)[number], index: number): Send {
  const send = { kind: 'send', at: index * MINUTE, from, to } as const;
  return fileBytes === undefined ? send : { ...send, file: fileOf(fileBytes) };
}

interface Parts {
  readonly server: LabServer;
  readonly variant: Variant;
}

/**
 * What each party learns of single files: a run of its own, one message after another, with a look by everybody after
 * each.
 */
export async function filesOneByOne(parts: Parts, sharing: Sharing): Promise<readonly FileObserverReport[]> {
  const looks = new Looks(sharing);
  const simulation = await simulate(
    { ...parts, workload: WORKLOAD },
    { seed: sharing.seed, onEvent: (done, soFar) => (done < TEXT ? undefined : looks.take(soFar)) },
  );
  try {
    await looks.take(simulation);
    return looks.reports();
  } finally {
    await simulation.node.close();
    await parts.server.drop(simulation.node.db);
  }
}

interface View {
  readonly observer: string;
  readonly view: FileView;
  /** Before the text, then of each message. */
  readonly news: News[];
}

class Looks {
  private views: readonly View[] = [];

  constructor(private readonly sharing: Sharing) {}

  async take(soFar: Simulation): Promise<void> {
    if (this.views.length === 0) this.views = this.viewsOf(soFar);
    const size = SENDS[soFar.sent.length - 1]?.[2] ?? 0;
    for (const { news, view } of this.views) news.push(await view.look(size));
  }

  /** Of several parties of a kind, the one that sees most. */
  reports(): readonly FileObserverReport[] {
    const all = this.views.map(reportOf);
    return [...new Set(all.map(({ observer }) => observer))].flatMap((name) => {
      const kind = all.filter(({ observer }) => observer === name);
      return kind.toSorted((one, other) => other.seenPerByte - one.seenPerByte).slice(0, 1);
    });
  }

  private viewsOf(soFar: Simulation): readonly View[] {
    const { calls, hasOneWriter, node } = soFar;
    const observers: readonly Observer[] = [
      conversantOf(node, node.agent(CONVERSANT)),
      ...sharesOf(soFar, this.sharing),
      new Crawler(node.db),
      new Wiretap(calls),
      new Operator(node.db),
      new WholeDisk(node.db, { hasOneWriter }),
      new Unpadded(soFar, WORKLOAD),
    ];
    const canaries = SIZES.flatMap((bytes) => Object.values<string>({ ...canariesOf(fileOf(bytes)) }));
    const recipient = [RECIPIENT, conversantOf(node, node.agent(1))] as const;
    const others = observers.map((observer) => [observer.name, observer] as const);
    return [recipient, ...others].map(([observer, reader]) => ({
      observer,
      view: new FileView(reader, node.agents, canaries),
      news: [],
    }));
  }
}

function reportOf({ news, observer }: View): FileObserverReport {
  const [, text, ...messages] = news;
  const files = messages.slice(0, SIZES.length);
  const [passedOn, equal] = messages.slice(SIZES.length);
  const numbers = sizesIn(messages);
  const kinds = files.map(({ bytes }, place) => `${bytes} ${numbers[place]?.toSorted().join() ?? ''}`);
  const found = new Set(messages.flatMap((each) => [...each.found]));
  const foundOf = (key: keyof FileCanaries): number =>
    SIZES.filter((bytes) => found.has(canariesOf(fileOf(bytes))[key])).length;
  const beyond = sum(files.map(({ bytes }) => bytes)) - SIZES.length * (text?.bytes ?? 0);
  return {
    observer,
    files: SIZES.length,
    seenPerByte: beyond / sum(SIZES),
    ...toldBy(kinds, beyond / sum(SIZES)),
    bytePairs: BYTE_PAIRS.length,
    named: sum(files.map(({ named }) => named)) / SIZES.length,
    knownWhenPassedOn: passedOn?.known ?? 0,
    knownWhenEqual: equal?.known ?? 0,
    contents: foundOf('content'),
    names: foundOf('name'),
    types: foundOf('mediaType'),
  };
}

function toldBy(
  kinds: readonly string[],
  seenPerByte: number,
): Pick<FileObserverReport, 'bytesTold' | 'sizesTold'> {
  if (seenPerByte > 0 && seenPerByte < 1) return { sizesTold: null, bytesTold: null };
  return {
    sizesTold: new Set(kinds).size,
    bytesTold: BYTE_PAIRS.filter((index) => kinds[index] !== kinds[index + 1]).length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

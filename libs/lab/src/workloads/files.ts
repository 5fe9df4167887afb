import { type SeededRandom } from '@musubi/observers';
import { normalFrom } from './normal.js';
import { smallWorld } from './small-world.js';
import { type FileKind, type PlannedFile, type Send, type Workload, type WorkloadSize } from './workload.js';

/** Of all messages, those with a file. */
const SHARE = 0.2;
/** A share of files, and a log-normal size: the median in bytes, and the deviation of its logarithm. Our assumption. */
const KINDS: readonly (readonly [kind: FileKind, share: number, median: number, deviation: number])[] = [
  ['photo', 0.5, 120_000, 0.5],
  ['voice-note', 0.35, 25_000, 0.6],
  ['document', 0.15, 150_000, 1.2],
];
/** What is shorter could be a text, and what is longer would be most of all that is measured. */
const [LEAST, MOST] = [10_000, 2_000_000];
/** Of all files, those that somebody passes on who was sent them. */
const PASSED_ON = 0.1;

/** The messages of `small-world`, a share of which carries a file: a photo, a voice note or a document. */
export function files(size: WorkloadSize, random: SeededRandom): Workload {
  const workload = smallWorld(size, random);
  const received = new Map<number, PlannedFile[]>();
  const events = workload.events.map((event) =>
    event.kind === 'send' && random.float() < SHARE ? withFile(event, received, random) : event,
  );
  return { ...workload, name: 'files', events };
}

function withFile(send: Send, received: Map<number, PlannedFile[]>, random: SeededRandom): Send {
  const drawn = fileFrom(random);
  const own = received.get(send.from) ?? [];
  const isPassedOn = random.float() < PASSED_ON;
  const file = (isPassedOn ? own[random.below(Math.max(1, own.length))] : undefined) ?? drawn;
  received.set(send.to, [...(received.get(send.to) ?? []), file]);
  return { ...send, file };
}

function fileFrom(random: SeededRandom): PlannedFile {
  let left = random.float();
  const chosen = KINDS.find(([, share]) => (left -= share) < 0) ?? KINDS[0];
  const [kind = 'photo', , median = LEAST, deviation = 0] = chosen ?? [];
  const bytes = Math.round(median * Math.exp(deviation * normalFrom(random)));
  return { kind, bytes: Math.min(MOST, Math.max(LEAST, bytes)) };
}

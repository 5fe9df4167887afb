import { createHash } from 'node:crypto';

/** What files are, as people send them. */
export const FILE_KINDS = ['photo', 'voice-note', 'document'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** A file as a workload has it. Files of one kind and size are one file. */
export interface PlannedFile {
  readonly kind: FileKind;
  readonly bytes: number;
}

/** One message that is to be sent. Times are µs from the start of the workload; agents are numbers from 0. */
export interface Send {
  readonly kind: 'send';
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** Goes with it. */
  readonly file?: PlannedFile;
}

/** An agent leaves, or comes back. */
export interface Presence {
  readonly kind: 'leave' | 'return';
  readonly at: number;
  readonly agent: number;
}

/** An agent looks through what it and a peer wrote. */
export interface PageReads {
  readonly kind: 'read-pages';
  readonly at: number;
  readonly agent: number;
  readonly peer: number;
}

export type WorkloadEvent = Send | Presence | PageReads;

/** Who does what when: the same for every placement that is compared. */
export interface Workload {
  readonly name: string;
  readonly agents: number;
  /** In order of time. */
  readonly events: readonly WorkloadEvent[];
}

/** How big a workload is to be; in a pair two agents write, whatever is asked for. */
export interface WorkloadSize {
  readonly agents: number;
  readonly messages: number;
}

export function sendsOf({ events }: Workload): readonly Send[] {
  return events.filter((event) => event.kind === 'send');
}

/** A message that a file goes with. */
export interface FileSend extends Send {
  readonly file: PlannedFile;
}

export function fileSendsOf(workload: Workload): readonly FileSend[] {
  return sendsOf(workload).flatMap((send) => (send.file === undefined ? [] : [{ ...send, file: send.file }]));
}

/** The same messages, as texts alone. */
export function withoutFiles({ events, ...workload }: Workload): Workload {
  return { ...workload, events: events.map((event) => (event.kind === 'send' ? textOnly(event) : event)) };
}

function textOnly({ file: _file, ...send }: Send): Send {
  return send;
}

/**
 * Where everybody writes to everybody there is nobody to take for a pair by mistake: such a workload has one agent more,
 * who writes to nobody.
 * @param events in any order; those of one time keep theirs
 */
export function workloadOf(name: string, agents: number, events: readonly WorkloadEvent[]): Workload {
  const pairs = new Set(events.flatMap((event) => (event.kind === 'send' ? [pairOf(event, agents)] : [])));
  const isComplete = pairs.size === (agents * (agents - 1)) / 2;
  return { name, agents: agents + Number(isComplete), events: events.toSorted((a, b) => a.at - b.at) };
}

/** One number for two agents, in either order. */
function pairOf({ from, to }: Send, agents: number): number {
  return Math.min(from, to) * agents + Math.max(from, to);
}

/** SHA-256 of agents and events, in hexadecimal digits. */
export function hashOf({ agents, events }: Workload): string {
  const hash = createHash('sha256').update(String(agents));
  for (const event of events) hash.update(JSON.stringify(event));
  return hash.digest('hex');
}

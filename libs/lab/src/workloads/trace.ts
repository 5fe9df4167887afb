import { UsageError } from './usage-error.js';
import { type Send, type Workload, sendsOf, workloadOf } from './workload.js';

const HEADER = 'from,to,at';
const SECOND = 1_000_000;

/**
 * A trace of who wrote to whom when: lines `from,to,at`, a header or none. Ends are any names; times are whole
 * seconds, or ISO 8601. `compress` makes time run so many times faster.
 * @throws UsageError with the number of the line that is wrong
 */
export function parseTrace(text: string, compress = 1): Workload {
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  };
  const sends: Send[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || (index === 0 && line.trim().toLowerCase() === HEADER)) return;
    const { from, to, at } = parseLine(line, index + 1);
    sends.push({ kind: 'send', from: numberOf(from), to: numberOf(to), at });
  });
  if (sends.length === 0) throw new UsageError('The trace holds no message.');
  const start = sends.reduce((least, { at }) => Math.min(least, at), Infinity);
  const moved = sends.map((send) => ({ ...send, at: Math.round((send.at - start) / compress) }));
  return workloadOf('trace', numbers.size, moved);
}

/** 2026-01-01: a workload begins at no time of its own. */
const START_MS = Date.UTC(2026, 0, 1);

/** A workload as a trace, its times to the millisecond. @throws UsageError when there is more in it than texts */
export function formatTrace(workload: Workload): string {
  const sends = sendsOf(workload);
  if (sends.length < workload.events.length || sends.some(({ file }) => file !== undefined)) {
    throw new UsageError(`The workload ${workload.name} has more than texts in it: it is no trace.`);
  }
  const lines = sends.map(
    ({ from, to, at }) => `agent-${from},agent-${to},${new Date(START_MS + at / 1000).toISOString()}`,
  );
  return `${[HEADER, ...lines].join('\n')}\n`;
}

interface TraceLine {
  readonly from: string;
  readonly to: string;
  /** µs */
  readonly at: number;
}

const LINE = /^\s*([^,]+?)\s*,\s*([^,]+?)\s*,\s*([^,]+?)\s*$/;

function parseLine(line: string, number: number): TraceLine {
  const [, from = '', to = '', at = ''] = LINE.exec(line) ?? [];
  const time = timeOf(at);
  if (Number.isNaN(time)) {
    throw new UsageError(
      `Line ${number} of the trace is not "from,to,at": ${JSON.stringify(line.slice(0, 80))}`,
    );
  }
  if (from === to) throw new UsageError(`Line ${number} of the trace is a message to oneself.`);
  return { from, to, at: time };
}

function timeOf(text: string): number {
  if (/^-?\d{1,12}$/.test(text)) return Number(text) * SECOND;
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) * 1000 : NaN;
}

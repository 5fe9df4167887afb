import { z } from 'zod';

const heldSchema = z.object({
  sockets: z.number(),
  timers: z.number(),
  files: z.number(),
  heapBytes: z.number(),
});
/** What a process holds, after full collections. */
export type Held = z.infer<typeof heldSchema>;

const MEBIBYTE = 1024 * 1024;

/**
 * By how much a process may hold more than before: of links that are about to be given up and of connections to the
 * database, which come and go; and of what is remembered within fixed bounds (agents, messages, signatures).
 */
const MORE = { sockets: 12, timers: 24, files: 16, heapBytes: 24 * MEBIBYTE } as const;

/** The last of what a probe has printed. @returns null when it has printed less than so many times */
export function heldIn(output: string, times: number): Held | null {
  const found = [...output.matchAll(/^held (\{.*\})$/gm)].map(([, json = '']) => json);
  const last = found.at(-1);
  return last === undefined || found.length < times ? null : heldSchema.parse(JSON.parse(last));
}

export const countOf = (output: string): number => output.match(/^held \{/gm)?.length ?? 0;

/** @returns in words what a process holds that it did not hold before */
export function leaksOf(name: string, before: Held, after: Held): readonly string[] {
  const kinds = ['sockets', 'timers', 'files', 'heapBytes'] as const;
  return kinds
    .filter((kind) => after[kind] > before[kind] + MORE[kind])
    .map((kind) => `${name} holds ${after[kind]} ${kind}; before the churn it held ${before[kind]}`);
}

export function textOf(name: string, before: Held, after: Held): string {
  const mebibytes = ({ heapBytes }: Held): string => (heapBytes / MEBIBYTE).toFixed(1);
  return [
    name.padEnd(8),
    `sockets ${before.sockets} → ${after.sockets}`,
    `timers ${before.timers} → ${after.timers}`,
    `files ${before.files} → ${after.files}`,
    `heap ${mebibytes(before)} → ${mebibytes(after)} MiB`,
  ].join('  ');
}

/** Mailboxes, two of one conversation taken together, that grew in the same intervals: nothing tells them apart. */
export interface Growth {
  /** In which intervals they grew, the one of their birth first. */
  readonly intervals: readonly number[];
  /** How many there are. */
  readonly count: number;
}

/**
 * Groups mailboxes by when they grew. The two directions of a conversation grow alike, since each message makes a receipt:
 * of as many as grew alike, half are conversations; one that nothing grew like is a conversation for itself.
 * @param boxes of each mailbox, the interval of each of its rows
 */
export function growthsOf(boxes: Iterable<readonly number[]>): readonly Growth[] {
  const alike = new Map<string, { intervals: readonly number[]; boxes: number }>();
  for (const rows of boxes) {
    const sorted = rows.toSorted((a, b) => a - b);
    const key = sorted.join(' ');
    const known = alike.get(key) ?? { intervals: [...new Set(sorted)], boxes: 0 };
    alike.set(key, known);
    known.boxes += 1;
  }
  const growths = new Map<string, { intervals: readonly number[]; count: number }>();
  for (const { intervals, boxes: many } of alike.values()) {
    const key = intervals.join(' ');
    const known = growths.get(key) ?? { intervals, count: 0 };
    growths.set(key, known);
    known.count += Math.ceil(many / 2);
  }
  return [...growths].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, growth]) => growth);
}

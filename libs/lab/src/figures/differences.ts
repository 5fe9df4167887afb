interface Difference {
  /** As in `placements.0.observers.2.graph.auc`. */
  readonly path: string;
  /** As JSON. */
  readonly values: readonly [one: string, other: string];
}

/** Where two values that came out of JSON are not the same. */
export function differencesOf(one: unknown, other: unknown, path = ''): readonly Difference[] {
  if (Object.is(one, other)) return [];
  if (!isObject(one) || !isObject(other)) return [{ path, values: [textOf(one), textOf(other)] }];
  const [own, others] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return [...new Set([...own.keys(), ...others.keys()])].flatMap((key) =>
    differencesOf(own.get(key), others.get(key), path === '' ? key : `${path}.${key}`),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

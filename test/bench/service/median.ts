import { p50 } from '../figures.js';

/** Figure by figure the median of values of one shape; what is no figure is the first's. @throws Error for none */
export function medianOf<Value>(values: readonly [Value, ...Value[]]): Value;
export function medianOf(values: readonly unknown[]): unknown {
  const [first] = values;
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length > 0) return p50(numbers);
  if (typeof first !== 'object' || first === null) return first;
  const merged = Object.keys(first).map((key) => [key, medianOfPart(values, key)] as const);
  return Array.isArray(first) ? merged.map(([, value]) => value) : Object.fromEntries(merged);
}

function medianOfPart([first, ...others]: readonly unknown[], key: string): unknown {
  const partOf = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : null;
  return medianOf([partOf(first), ...others.map(partOf)]);
}

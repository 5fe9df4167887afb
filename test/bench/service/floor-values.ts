import { randomBytes } from 'node:crypto';
import { type ShapedColumn, type Value } from './act-shape.js';

/** One writer of equal-shaped acts: its own bytes, its own counts. */
export class FloorWriter {
  private act = 0;
  private readonly standing = new Map<string, Buffer>();
  private fresh = new Map<string, Buffer>();

  /** From here on fresh bytes are fresh again, and counts go on. */
  begin(): void {
    this.act += 1;
    this.fresh = new Map();
  }

  valuesOf(columns: readonly ShapedColumn[]): (string | Buffer | null)[] {
    return columns.map(({ value }) => this.valueOf(value));
  }

  private valueOf(value: Value): string | Buffer | null {
    switch (value.kind) {
      case 'same':
        return value.text;
      case 'standing':
        return bytesIn(this.standing, value);
      case 'fresh':
        return bytesIn(this.fresh, value);
      case 'counting':
        return String(value.first + value.step * BigInt(this.act));
    }
  }
}

function bytesIn(known: Map<string, Buffer>, { name, bytes }: { name: string; bytes: number }): Buffer {
  const made = known.get(name) ?? randomBytes(bytes);
  known.set(name, made);
  return made;
}

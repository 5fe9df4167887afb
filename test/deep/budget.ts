import { type DeepPart } from './parts.js';

const MINUTE_MS = 60_000;

/** Tells which parts still fit into a time, by how long those before them took. */
export class Budget {
  #expectedMs = 0;
  #spentMs = 0;

  /** @param slowness how much slower this machine is than the one that the parts' minutes are of */
  constructor(
    private readonly withinMs: number,
    private readonly slowness: number,
  ) {}

  fits({ minutes }: DeepPart): boolean {
    return this.#spentMs + minutes * MINUTE_MS * this.#factor() <= this.withinMs;
  }

  note({ minutes }: DeepPart, tookMs: number): void {
    this.#expectedMs += minutes * MINUTE_MS;
    this.#spentMs += tookMs;
  }

  #factor(): number {
    return this.#expectedMs === 0 ? this.slowness : this.#spentMs / this.#expectedMs;
  }
}

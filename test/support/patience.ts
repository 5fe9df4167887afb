/**
 * How long a test waits for what must come, in milliseconds. Only a hang takes so long: not a machine that is five times
 * slower than others, with other work beside it. Jest's own time-out, in jest.config.js, is five times as long.
 */
export const PATIENCE_MS = 180_000;

import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A hundred years: sums with times stay safe integers. */
const LONGEST_MS = 36_500 * 86_400_000;

/** `90` and `90s` are seconds, `15m` minutes, `12h` hours, `7d` days; `never` has no end. In milliseconds, or `null`. */
export const durationSchema = z
  .string()
  .regex(/^(never|[1-9]\d{0,8}[smhd]?)$/, 'must be never, or a number of seconds, or one with s, m, h or d')
  .transform((text) => {
    if (text === 'never') return null;
    return Number.parseInt(text, 10) * (UNIT_MS[text.at(-1) ?? ''] ?? 1000);
  })
  .refine((ms) => ms === null || ms <= LONGEST_MS, 'must be at most 36500d');

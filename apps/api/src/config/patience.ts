import { type Patience } from '@musubi/delivery';
import { z } from 'zod';
import { durationSchema } from './duration.js';

const ATTEMPTS = /^([1-9]\d?)-attempts$/;
/** Shorter ones would leave a call that gets no answer no second attempt. */
const SHORTEST_MS = 60_000;

const attemptsSchema = z
  .string()
  .regex(ATTEMPTS)
  .transform((text): Patience => ({ kind: 'attempts', most: Number.parseInt(text, 10) }));

const timeSchema = durationSchema
  .refine((ms) => ms === null || ms >= SHORTEST_MS, 'must be at least 1m')
  .transform((ms): Patience => ({ kind: 'time', us: ms === null ? Infinity : ms * 1000 }));

/** A duration of at least a minute, or a number of attempts from 1 to 99 such as `5-attempts`. */
export const patienceSchema = z
  .string()
  .regex(
    /^(never|[1-9]\d{0,8}[smhd]?|[1-9]\d?-attempts)$/,
    'must be never, a number with s, m, h or d, or a number of attempts such as 5-attempts',
  )
  .transform((text, context): Patience => {
    const schema = ATTEMPTS.test(text) ? attemptsSchema : timeSchema;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

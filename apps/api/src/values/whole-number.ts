import { z } from 'zod';

const SPELLING = /^(0|[1-9]\d{0,14})$/;

/** A whole number as text in the one spelling that it has: no sign, space, exponent, other base or leading zero. */
export function wholeNumberSchema(from: number, to: number): z.ZodType<number> {
  return fromText(between(from, to));
}

/** A whole number as above that need not be given. Its JSON schema is an integer's, with bounds and default. */
export function optionalNumberSchema(
  from: number,
  to: number,
  byDefault: number,
): z.ZodDefault<z.ZodType<number>> {
  // zod leaves the default of a schema that transforms out of its JSON schema: so it stands within, too.
  return fromText(between(from, to).meta({ default: byDefault })).default(byDefault);
}

function between(from: number, to: number): z.ZodInt {
  const message = `must be a whole number from ${from} to ${to}`;
  return z.int(message).min(from, message).max(to, message);
}

function fromText(number: z.ZodInt): z.ZodType<number> {
  return z.preprocess(
    (text) => (typeof text === 'string' && SPELLING.test(text) ? Number(text) : NaN),
    number,
  );
}

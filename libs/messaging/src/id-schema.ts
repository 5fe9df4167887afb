import { z } from 'zod';

/** A string that one parsing function turns into a branded id. */
export function idSchema<Id>(parse: (text: string) => Id): z.ZodType<Id, string> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as TypeError).message });
      return z.NEVER;
    }
  });
}

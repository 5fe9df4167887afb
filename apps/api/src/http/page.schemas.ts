import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '@musubi/messaging';
import { z } from 'zod';
import { optionalNumberSchema } from '../values/whole-number.js';

export const limitSchema = optionalNumberSchema(1, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE);

export const unreadableSchema = z
  .number()
  .int()
  .positive()
  .optional()
  .describe(
    'How many stored items of this page cannot be read and are left out; absent where there are none. `next` and ' +
      '`prev` move past them, also from a page without items.',
  );

import { SetMetadata } from '@nestjs/common';
import { type ProblemCode } from './problem.js';

export const REFUSALS = 'musubi:refusals';

/** What a route can refuse besides what any route can: for its description. `test/openapi.test.ts` holds answers against it. */
export const Refuses = (...codes: readonly ProblemCode[]): MethodDecorator & ClassDecorator =>
  SetMetadata(REFUSALS, codes);

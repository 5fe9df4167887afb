import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ApiError, type FieldError } from './api-error.js';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Holds each parameter against the schema its decorator names; what does not fit is a 422 that says where. */
export const validationPipe = new StandardSchemaValidationPipe({
  exceptionFactory: (issues: readonly Issue[]) =>
    new ApiError('invalid', 'The request does not fit its schema.', issues.map(fieldError)),
});

function fieldError({ path = [], message }: Issue): FieldError {
  return { path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'), message };
}

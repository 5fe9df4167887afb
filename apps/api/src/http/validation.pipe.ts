import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { EMPTY_BODY } from './json-body.js';
import { ApiError, type FieldError } from '../problem/api-error.js';

const MAX_ERRORS = 100;
/** The names of members that are not known are the caller's own, and as long as it likes. */
const MAX_LENGTH = 500;

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

class ValidationPipe extends StandardSchemaValidationPipe {
  override transform<Value>(value: Value, metadata: ArgumentMetadata): Promise<Value> {
    if (value === EMPTY_BODY) throw new ApiError('malformed', 'The body is empty; this call takes JSON.');
    return super.transform(value, metadata);
  }

  /** Without Nest's walk through the whole value for keys named `__proto__`: the parser has refused those already. */
  protected override stripProtoKeys(): void {
    return;
  }
}

/** Holds each parameter against the schema its decorator names; what does not fit is a 422 that says where. */
export const validationPipe: StandardSchemaValidationPipe = new ValidationPipe({
  exceptionFactory: (issues: readonly Issue[]) =>
    new ApiError(
      'invalid',
      'The request does not match its schema.',
      issues.slice(0, MAX_ERRORS).map(fieldError),
    ),
});

function fieldError({ path = [], message }: Issue): FieldError {
  const parts = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return { path: cut(parts.join('.')), message: cut(message) };
}

function cut(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`;
}

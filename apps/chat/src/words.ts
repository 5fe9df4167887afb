import { ProblemError } from '@musubi/client';

/** What went wrong, for the user. */
export function wordsOf(error: unknown): string {
  if (error instanceof ProblemError) {
    const { detail, errors = [] } = error.problem;
    return [detail, ...errors.map(({ path, message }) => `${path}: ${message}`)].join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}

import { type GuaranteeName } from '@musubi/messaging';

/** One field of what a placement declares, held against what was counted. */
export interface DeclaredReport {
  readonly guarantee: GuaranteeName;
  readonly declared: boolean;
  /** What was counted, in words: each is a case against the promise. */
  readonly figure: string;
  readonly measured: number;
  /** The promise is kept where no more than so many were counted, and broken where more were. */
  readonly threshold: number;
  /** Whether what is declared is what was measured. */
  readonly isBorneOut: boolean;
}

/** What a placement declares and a figure contradicts, in words. */
export function contradictionOf(
  field: Omit<DeclaredReport, 'guarantee'> & { readonly guarantee: string },
): string {
  const { guarantee, declared, measured, figure, threshold } = field;
  return `declares ${guarantee}: ${declared}, but ${measured} ${figure} (kept at ${threshold} at most)`;
}

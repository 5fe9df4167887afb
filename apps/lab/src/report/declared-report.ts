import { type Guarantees } from '@musubi/messaging';

export type GuaranteeName = keyof Guarantees;

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

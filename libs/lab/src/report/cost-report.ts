export interface CostReport {
  readonly messages: number;
  readonly rowsPerMessage: number;
  /** As PostgreSQL stores the rows, without indexes. */
  readonly bytesPerMessage: number;
  readonly callsPerMessage: number;
  readonly agents: number;
  readonly rowsPerAgent: number;
  readonly bytesPerAgent: number;
  /** What a conversation costs before its second message: rows that its first message wrote beyond a later one's. */
  readonly pairs: number;
  readonly rowsPerPair: number;
  readonly bytesPerPair: number;
  readonly callsPerPair: number;
  /** The same, all together, after more and more pairs. */
  readonly opened: readonly OpenedReport[];
}

interface OpenedReport {
  readonly pairs: number;
  readonly rows: number;
  readonly bytes: number;
}

declare global {
  /** Set by start-postgres.ts; Jest runs both in one process. Absent when DATABASE_URL names the server. */
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

export default async function stopPostgres(): Promise<void> {
  await globalThis.stopTestPostgres?.();
}

import { ResilientClient } from '../resilient-client.js';

/** Set by the Jest global setup; see test/support/start-postgres.ts. */
const VARIABLE = 'MUSUBI_TEST_DATABASE_URL';

/** Tests that need a database fail without one; they are never skipped. */
export class TestServerMissingError extends Error {
  override readonly name = 'TestServerMissingError';
  constructor() {
    super(
      `No PostgreSQL for tests: ${VARIABLE} is not set. Run the tests with "npm test", which starts one; ` +
        'to use your own, set DATABASE_URL to a role that may create databases.',
    );
  }
}

/** The URL of one database on the test server. @throws TestServerMissingError */
export function testDatabaseUrl(name: string): string {
  const url = new URL(testServerUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** Lends a connection to the server's own database, where databases are made and dropped. */
export async function onTestServer<T>(work: (client: ResilientClient) => Promise<T>): Promise<T> {
  const client = new ResilientClient({ connectionString: testServerUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function testServerUrl(): string {
  const url = process.env[VARIABLE];
  if (url === undefined || url === '') throw new TestServerMissingError();
  return url;
}

export { expectNoSchemaDrift, SchemaDriftError } from './schema-drift.js';
export { openTestDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database.js';
export { TestServerMissingError } from './test-server.js';

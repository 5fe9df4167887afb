import { type DataSource } from 'typeorm';

/** The entity schemas and the migrations disagree; `queries` would bring the database to what the schemas say. */
export class SchemaDriftError extends Error {
  override readonly name = 'SchemaDriftError';
  constructor(readonly queries: readonly string[]) {
    super(`The migrations do not make what the entity schemas say. Missing:\n${queries.join('\n')}`);
  }
}

/** For a migrated database. @throws SchemaDriftError */
export async function expectNoSchemaDrift(dataSource: DataSource): Promise<void> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  if (upQueries.length > 0) throw new SchemaDriftError(upQueries.map(({ query }) => query));
}

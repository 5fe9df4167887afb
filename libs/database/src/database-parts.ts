import { type EntitySchema, type MigrationInterface } from 'typeorm';

/** A migration as TypeORM takes it: a class whose name ends in a 13-digit timestamp (milliseconds). */
export type MigrationClass = new () => MigrationInterface;

/** What one package owns in the database: its tables as entity schemas, and the migrations that make them. */
export interface DatabaseParts {
  readonly entities: readonly EntitySchema[];
  readonly migrations: readonly MigrationClass[];
}

/** Joins the parts of several packages. A part given twice counts once, so packages may include what they need. */
export function combineParts(...parts: readonly DatabaseParts[]): DatabaseParts {
  return {
    entities: [...new Set(parts.flatMap((part) => part.entities))],
    migrations: [...new Set(parts.flatMap((part) => part.migrations))],
  };
}

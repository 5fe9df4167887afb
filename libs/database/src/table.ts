import { EntitySchema, type EntitySchemaColumnOptions, EntitySchemaOptions } from 'typeorm';

/** How a table is described to TypeORM, so that the drift test can hold it against the migrations. */
export type TableColumns<Row> = { readonly [Column in keyof Row]: EntitySchemaColumnOptions };

export const bytesColumn: EntitySchemaColumnOptions = { type: 'bytea' };
export const textColumn: EntitySchemaColumnOptions = { type: 'text' };
export const integerColumn: EntitySchemaColumnOptions = { type: 'integer' };
export const bigintColumn: EntitySchemaColumnOptions = { type: 'bigint' };
export const booleanColumn: EntitySchemaColumnOptions = { type: 'boolean' };

export function nullable(column: EntitySchemaColumnOptions): EntitySchemaColumnOptions {
  return { ...column, nullable: true };
}

/** A column of the primary key whose constraint is named. */
export function keyColumn(constraint: string, column = bytesColumn): EntitySchemaColumnOptions {
  return { ...column, primary: true, primaryKeyConstraintName: constraint };
}

export interface TableExtras {
  readonly uniques?: Readonly<Record<string, readonly string[]>>;
  /** Name of the index → its columns; `where` makes it partial. */
  readonly indices?: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly where?: string;
  }[];
  /** Name of the constraint → which columns are the whole primary key of another table. */
  readonly references?: Readonly<Record<string, Reference>>;
}

interface Reference {
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows go with the one they refer to; else that one stays as long as they do. */
  readonly isPart: boolean;
}

/** A table whose rows are read-only records: no relations, no entity classes. */
export function table<Row>(
  name: string,
  columns: TableColumns<Row>,
  extras: TableExtras = {},
): EntitySchema<Row> {
  const options = Object.assign(new EntitySchemaOptions<Row>(), {
    name,
    tableName: name,
    columns,
    uniques: Object.entries(extras.uniques ?? {}).map(([constraint, of]) => ({
      name: constraint,
      columns: [...of],
    })),
    indices: (extras.indices ?? []).map(({ columns: of, ...index }) => ({ ...index, columns: [...of] })),
    foreignKeys: Object.entries(extras.references ?? {}).map(([constraint, reference]) => ({
      name: constraint,
      target: reference.table,
      columnNames: [...reference.columns],
      referencedColumnNames: [...reference.columns],
      onDelete: reference.isPart ? ('CASCADE' as const) : ('NO ACTION' as const),
    })),
  });
  return new EntitySchema(options);
}

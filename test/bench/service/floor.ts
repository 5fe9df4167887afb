import { openTestDatabase } from '@musubi/database/testing';
import pg from 'pg';
import { serviceDatabase } from '../../../apps/api/src/node/database.js';
import { type LoopResult, closedLoop } from './closed-loop.js';
import { type ActShape, type ShapedColumn, type ShapedWrite } from './act-shape.js';
import {
  type WriteGroup,
  batchStatement,
  groupsOf,
  joinedStatement,
  parametersOf,
  rowStatement,
} from './floor-statements.js';
import { FloorWriter } from './floor-values.js';
import { POOL_SIZE } from './served.js';

/** Acts that one transaction of the batched floor writes. */
const BATCH = 64;
/** Such transactions at once. */
export const BATCHES = 4;

/**
 * Equal tables with equal indexes in a database of their own on the same server, and writes that are shaped like an
 * act's: what PostgreSQL alone takes for it. The driver, the size of the pool and the durability are the service's.
 */
export class Floor {
  private constructor(
    private readonly pool: pg.Pool,
    private readonly transactions: readonly (readonly Statement[])[],
    private readonly joined: readonly JoinedStatement[],
    private readonly standing: readonly ShapedWrite[],
    readonly close: () => Promise<void>,
  ) {}

  static async open(shape: ActShape): Promise<Floor> {
    const database = await openTestDatabase(serviceDatabase, { poolSize: 1 });
    const pool = new pg.Pool({ connectionString: database.url, max: POOL_SIZE });
    // Dropping the database tells connections that are just closing.
    pool.on('error', () => undefined);
    const close = async (): Promise<void> => {
      await pool.end();
      await database.close();
    };
    const statements = shape.transactions.map((writes, tx) =>
      groupsOf(writes).map((group, at) => statementOf(group, `${tx}_${at}`)),
    );
    const joined = shape.transactions.map((writes, tx) => joinedOf(groupsOf(writes), `${tx}_joined`));
    return new Floor(pool, statements, joined, standingOf(shape), close);
  }

  /** The same transactions, by prepared statements; so many acts in hand as `concurrency` says. */
  async same(concurrency: number, seconds: number): Promise<LoopResult> {
    const writers = await this.writers(concurrency);
    return closedLoop(writers, seconds, async (writer) => {
      writer.begin();
      for (const groups of this.transactions) await this.inTransaction(groups, [writer], runRow);
      return 1;
    });
  }

  /** The same transactions, each as one statement: one round trip. */
  async atOnce(concurrency: number, seconds: number): Promise<LoopResult> {
    const writers = await this.writers(concurrency);
    return closedLoop(writers, seconds, async (writer) => {
      writer.begin();
      for (const statement of this.joined) await runJoined(this.pool, statement, writer);
      return 1;
    });
  }

  /** The same rows of many acts in one transaction, one statement for all rows of a kind. */
  async batched(seconds: number): Promise<LoopResult> {
    const batches = await Promise.all(Array.from({ length: BATCHES }, () => this.writers(BATCH)));
    return closedLoop(batches, seconds, async (writers) => {
      for (const writer of writers) writer.begin();
      await this.inTransaction(this.transactions.flat(), writers, runBatch);
      return writers.length;
    });
  }

  /** Writers whose standing rows are in place. */
  private async writers(count: number): Promise<readonly FloorWriter[]> {
    const writers = Array.from({ length: count }, () => new FloorWriter());
    for (const writer of writers) {
      for (const write of this.standing) {
        const insert = rowStatement({ op: write.op, table: write.table, writes: [write] });
        await this.pool.query(`${insert} on conflict do nothing`, writer.valuesOf(write.columns));
      }
    }
    return writers;
  }

  /** A lone statement is a transaction by itself. */
  private async inTransaction(
    statements: readonly Statement[],
    writers: readonly FloorWriter[],
    run: typeof runBatch,
  ): Promise<void> {
    const client = await this.pool.connect();
    try {
      if (statements.length > 1) await client.query('begin');
      for (const statement of statements) await run(client, statement, writers);
      if (statements.length > 1) await client.query('commit');
    } finally {
      client.release();
    }
  }
}

type Connection = Pick<pg.PoolClient, 'query'>;

interface Statement {
  readonly name: string;
  /** For the rows of one act. */
  readonly row: string;
  /** For those of many. */
  readonly batch: string;
  /** Of each row. */
  readonly parameters: readonly (readonly ShapedColumn[])[];
}

function statementOf(group: WriteGroup, name: string): Statement {
  return {
    name,
    row: rowStatement(group),
    batch: batchStatement(group),
    parameters: group.writes.map(parametersOf),
  };
}

type JoinedStatement = Omit<Statement, 'batch'>;

function joinedOf(groups: readonly WriteGroup[], name: string): JoinedStatement {
  const parameters = groups.flatMap(({ writes }) => writes.map(parametersOf));
  return { name, row: joinedStatement(groups), parameters };
}

/** As inserts. An act may touch a standing row twice. */
function standingOf({ transactions }: ActShape): readonly ShapedWrite[] {
  return transactions
    .flat()
    .flatMap(({ table, standing: columns }) =>
      columns === null ? [] : [{ op: 'INSERT' as const, table, columns, standing: null }],
    );
}

async function runRow(db: Connection, statement: Statement, writers: readonly FloorWriter[]): Promise<void> {
  const { name, row: text, parameters } = statement;
  const values = writers.flatMap((writer) => parameters.flatMap((columns) => writer.valuesOf(columns)));
  expectRows(await db.query({ name: `row_${name}`, text, values }), parameters.length);
}

async function runJoined(
  db: Connection,
  { name, row: text, parameters }: JoinedStatement,
  writer: FloorWriter,
): Promise<void> {
  const values = parameters.flatMap((columns) => writer.valuesOf(columns));
  const { rows } = await db.query<{ rows: number }>({ name, text, values });
  expectRows({ rowCount: rows[0]?.rows ?? 0 }, parameters.length);
}

async function runBatch(
  db: Connection,
  statement: Statement,
  writers: readonly FloorWriter[],
): Promise<void> {
  const { name, batch: text, parameters } = statement;
  const rows = writers.flatMap((writer) => parameters.map((columns) => writer.valuesOf(columns)));
  const values = Array.from(rows[0] ?? [], (_, column) => rows.map((row) => row[column]));
  expectRows(await db.query({ name: `batch_${name}`, text, values }), rows.length);
}

/** @throws Error when a statement did not meet the rows it was to write: then the floor is none */
function expectRows({ rowCount }: Pick<pg.QueryResult, 'rowCount'>, rows: number): void {
  if (rowCount !== rows) throw new Error(`the floor wrote ${rowCount ?? 0} rows instead of ${rows}`);
}

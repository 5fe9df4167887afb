import { z } from 'zod';

/** The environment was contradictory or malformed; the message says what to change. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const wholeNumber = (from: number, to: number) => z.coerce.number().int().min(from).max(to);

const environmentSchema = z.object({
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** 32 bytes as base64url. */
  NODE_SECRET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes as base64url (43 characters)')
    .optional(),
  LAB: z.enum(['0', '1']).default('0'),
  LAB_REPORT: z.string().min(1).optional(),
  LAB_COMPARISONS: wholeNumber(1, 10_000).default(20),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  CLONE_LIMIT: wholeNumber(1, 1_000_000).default(1000),
  RATE_LIMIT_PER_SECOND: wholeNumber(1, 1_000_000).default(200),
  DATABASE_POOL: wholeNumber(2, 90).default(16),
  REMOTE_CALL_TIMEOUT_MS: wholeNumber(1, 600_000).default(10_000),
  MAILBOX_POLL_MS: wholeNumber(100, 3_600_000).default(15_000),
});

/** Everything the service takes from its environment, checked and frozen. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Where the embedded database and the node's secret are kept. */
  readonly dataDir: string;
  /** Absent: an embedded PostgreSQL under `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Absent: signals and remote calls stay within this process. */
  readonly redisUrl: string | undefined;
  /** Seals the keys of unattended agents. Absent: made once under `dataDir`. */
  readonly nodeSecret: string | undefined;
  /** Whether faults and comparisons can be asked for over HTTP. */
  readonly isLab: boolean;
  /** A report.json of the lab, for the figures beside what is declared. */
  readonly labReport: string | undefined;
  /** How many comparisons that are over are kept under `dataDir`. */
  readonly labComparisons: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** How many cloned cells an agent may have in `pairwise-dht`. */
  readonly cloneLimit: number;
  /** Requests an agent, or an address without a token, may make in a second. */
  readonly rateLimitPerSecond: number;
  readonly databasePool: number;
  /** How long a remote call may take before its outcome is unknown. */
  readonly remoteCallTimeoutMs: number;
  /** How often mailboxes of `global-dht` are read without a push. */
  readonly mailboxPollMs: number;
}

/** @throws ConfigError */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ConfigError(`The environment is not valid.\n  ${issues.join('\n  ')}`);
  }
  const { data } = parsed;
  refuseContradictions(data);
  return Object.freeze({
    port: data.PORT,
    host: data.HOST,
    dataDir: data.DATA_DIR,
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    nodeSecret: data.NODE_SECRET,
    isLab: data.LAB === '1',
    labReport: data.LAB_REPORT,
    labComparisons: data.LAB_COMPARISONS,
    logLevel: data.LOG_LEVEL,
    cloneLimit: data.CLONE_LIMIT,
    rateLimitPerSecond: data.RATE_LIMIT_PER_SECOND,
    databasePool: data.DATABASE_POOL,
    remoteCallTimeoutMs: data.REMOTE_CALL_TIMEOUT_MS,
    mailboxPollMs: data.MAILBOX_POLL_MS,
  });
}

/** @throws ConfigError */
function refuseContradictions(given: z.infer<typeof environmentSchema>): void {
  if (given.DATABASE_URL !== undefined && given.NODE_SECRET === undefined) {
    throw new ConfigError(
      'DATABASE_URL needs NODE_SECRET beside it: 32 random bytes as base64url, the same for every process on ' +
        'this database, since it seals the keys of unattended agents.',
    );
  }
  if (given.REDIS_URL !== undefined && given.DATABASE_URL === undefined) {
    throw new ConfigError(
      'REDIS_URL needs DATABASE_URL beside it: it connects several processes on one database, and the embedded ' +
        'database belongs to one process.',
    );
  }
}

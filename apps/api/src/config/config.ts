import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { wholeNumberSchema as wholeNumber } from '../values/whole-number.js';
import { type SessionLifetimes } from './session-lifetimes.js';
import { type Patience } from '@musubi/delivery';
import { ConfigError } from './config-error.js';
import { isLoopback } from './loopback.js';
import { durationSchema } from './duration.js';
import {
  type LinkSettings,
  bootstrapSchema,
  linkSettings,
  listenSchema,
  ownAddressesSchema,
  refuseLinkContradictions,
} from './node-settings.js';
import { patienceSchema } from './patience.js';
import { readSecretFiles } from './secret-files.js';

export { ConfigError };

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** An address, or a network as CIDR writes it. */
function isNetwork(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

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
  NODE_LISTEN: listenSchema.optional(),
  NODE_ADDRESS: ownAddressesSchema.optional(),
  BOOTSTRAP: bootstrapSchema.optional(),
  RELAY: z.enum(['0', '1']).default('0'),
  ACCEPT_RESTORED: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
  PROCESS_NAME: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,32}$/, 'must be 1 to 32 letters, digits and hyphens')
    .optional(),
  TRUSTED_PROXIES: z
    .string()
    .transform((list) => list.split(',').map((part) => part.trim()))
    .refine(
      (list) => list.every(isNetwork),
      'must be addresses or networks such as 10.0.0.0/8, with commas between',
    )
    .optional(),
  PROXY_HOPS: wholeNumber(0, 10).default(0),
  LAB: z.enum(['0', '1']).default('0'),
  LAB_REPORT: z.string().min(1).optional(),
  LAB_COMPARISONS: wholeNumber(1, 10_000).default(20),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  CLONE_LIMIT: wholeNumber(1, 1_000_000).default(1000),
  FILES_MB_PER_AGENT: wholeNumber(16, 1_000_000).default(256),
  RATE_LIMIT_PER_SECOND: wholeNumber(1, 1_000_000).default(200),
  SIGN_INS_PER_MINUTE: wholeNumber(1, 1_000_000).default(120),
  REGISTRATION: z.enum(['open', 'closed', 'token']).default('open'),
  REGISTRATION_TOKEN: z.string().min(16, 'must have at least 16 characters').max(1024).optional(),
  AGENTS_PER_DAY: wholeNumber(1, 10_000_000).default(10_000),
  FIRST_CONTACTS_PER_DAY: wholeNumber(1, 10_000_000).default(20_000),
  FOREIGN_CONTACTS_PER_DAY: wholeNumber(1, 10_000_000).default(50),
  DATABASE_POOL: wholeNumber(2, 90).default(16),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000).default(60_000),
  REMOTE_CALL_TIMEOUT_MS: wholeNumber(1, 600_000).default(10_000),
  MAILBOX_POLL_MS: wholeNumber(100, 3_600_000).default(15_000),
  DELIVERY_PATIENCE: patienceSchema.prefault('30d'),
  SESSION_IDLE: durationSchema.prefault('7d'),
  SESSION_MAX: durationSchema.prefault('30d'),
  UNATTENDED_SESSION_IDLE: durationSchema.prefault('never'),
  UNATTENDED_SESSION_MAX: durationSchema.prefault('never'),
});

/** The names of all settings. */
export const SETTINGS: readonly string[] = Object.keys(environmentSchema.shape);

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
  /** How this node is linked to others; `null` when it is alone. */
  readonly links: LinkSettings | null;
  /** The mark of a restored database that the operator goes on with. */
  readonly acceptRestored: number | undefined;
  /** Begins the tokens that this process issues, for a balancer to send them back to it. Absent: they have no such part. */
  readonly processName: string | undefined;
  /** Addresses and networks of proxies: what these say in `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** How many proxies stand in front; a client's address is what the outermost says in `X-Forwarded-For`. */
  readonly proxyHops: number;
  /** Whether faults and comparisons can be asked for over HTTP. */
  readonly isLab: boolean;
  /** A report.json of the lab, for the figures beside what is declared. */
  readonly labReport: string | undefined;
  /** How many comparisons that are over are kept under `dataDir`. */
  readonly labComparisons: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** How many cloned cells an agent may have in `pairwise-dht`. */
  readonly cloneLimit: number;
  /** What the files of an agent may take. */
  readonly fileQuotaBytes: number;
  /** Requests an agent, or an address without a token, may make in a second. */
  readonly rateLimitPerSecond: number;
  /** Passphrases an address may give in a minute: in sign-ins, and for new agents. */
  readonly signInsPerMinute: number;
  /** Who may make agents: everybody, nobody, or clients with the token. */
  readonly registration: 'open' | 'closed' | 'token';
  readonly registrationToken: string | undefined;
  /** Agents that a network may make in a day. */
  readonly agentsPerDay: number;
  /** Conversations that a network, or another node, may begin in a day. */
  readonly firstContactsPerDay: number;
  /** Conversations that another node may begin with one agent in a day. */
  readonly foreignContactsPerDay: number;
  readonly databasePool: number;
  /** How long a request may take to arrive, its body included. */
  readonly requestTimeoutMs: number;
  /** How long a remote call may take before its outcome is unknown. */
  readonly remoteCallTimeoutMs: number;
  /** How often mailboxes of `global-dht` are read without a push. */
  readonly mailboxPollMs: number;
  /** How long a message is tried again that its recipient neither takes nor refuses. */
  readonly deliveryPatience: Patience;
  readonly sessionLifetimes: SessionLifetimes;
}

/**
 * Empty settings are absent ones. `<name>_FILE` names a file to read a secret from.
 *
 * @throws ConfigError
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const data = settingsIn(environment);
  refuseContradictions(data);
  refuseLinkContradictions(data);
  return Object.freeze({
    port: data.PORT,
    host: data.HOST,
    dataDir: data.DATA_DIR,
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    nodeSecret: data.NODE_SECRET,
    links: linkSettings(data),
    acceptRestored: data.ACCEPT_RESTORED,
    processName: data.PROCESS_NAME,
    trustedProxies: Object.freeze(data.TRUSTED_PROXIES ?? []),
    proxyHops: data.PROXY_HOPS,
    isLab: data.LAB === '1',
    labReport: data.LAB_REPORT,
    labComparisons: data.LAB_COMPARISONS,
    logLevel: data.LOG_LEVEL,
    cloneLimit: data.CLONE_LIMIT,
    fileQuotaBytes: data.FILES_MB_PER_AGENT * 1024 * 1024,
    rateLimitPerSecond: data.RATE_LIMIT_PER_SECOND,
    signInsPerMinute: data.SIGN_INS_PER_MINUTE,
    registration: data.REGISTRATION,
    registrationToken: data.REGISTRATION_TOKEN,
    agentsPerDay: data.AGENTS_PER_DAY,
    firstContactsPerDay: data.FIRST_CONTACTS_PER_DAY,
    foreignContactsPerDay: data.FOREIGN_CONTACTS_PER_DAY,
    databasePool: data.DATABASE_POOL,
    requestTimeoutMs: data.REQUEST_TIMEOUT_MS,
    remoteCallTimeoutMs: data.REMOTE_CALL_TIMEOUT_MS,
    mailboxPollMs: data.MAILBOX_POLL_MS,
    deliveryPatience: data.DELIVERY_PATIENCE,
    sessionLifetimes: lifetimesIn(data),
  });
}

/** @throws ConfigError */
function settingsIn(
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<typeof environmentSchema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse({ ...given, ...readSecretFiles(given) });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ConfigError(`The environment is not valid.\n  ${issues.join('\n  ')}`);
}

/** @throws ConfigError */
function refuseContradictions(given: z.infer<typeof environmentSchema>): void {
  if (given.LAB === '1' && !isLoopback(given.HOST)) {
    throw new ConfigError(
      'LAB=1 needs a loopback HOST, such as 127.0.0.1: anyone who reaches the service can order faults and ' +
        'crashes without a token.',
    );
  }
  if ((given.REGISTRATION === 'token') !== (given.REGISTRATION_TOKEN !== undefined)) {
    throw new ConfigError(
      'REGISTRATION=token and REGISTRATION_TOKEN (or REGISTRATION_TOKEN_FILE) need each other.',
    );
  }
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

function lifetimesIn(given: z.infer<typeof environmentSchema>): SessionLifetimes {
  return {
    attended: { idleMs: given.SESSION_IDLE, maxMs: given.SESSION_MAX },
    unattended: { idleMs: given.UNATTENDED_SESSION_IDLE, maxMs: given.UNATTENDED_SESSION_MAX },
  };
}

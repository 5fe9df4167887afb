import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, SETTINGS, readConfig } from '../src/config/config.js';

const SECRET = `${'s'.repeat(42)}A`;
const DATABASE = 'postgres://musubi:pass-word@postgres:5432/musubi';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-config-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function refusal(environment: Readonly<Record<string, string>>): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration should have been refused');
}

describe('secrets in files', () => {
  it('are read without the end of the line', async () => {
    const config = readConfig({
      DATABASE_URL_FILE: await file('database', DATABASE),
      NODE_SECRET_FILE: await file('secret', `${SECRET}\n`),
      REDIS_URL_FILE: await file('redis', 'redis://redis:6379\r\n'),
    });

    expect(config).toMatchObject({
      databaseUrl: DATABASE,
      nodeSecret: SECRET,
      redisUrl: 'redis://redis:6379',
    });
  });

  it('are left out where their setting is empty', () => {
    expect(readConfig({ DATABASE_URL_FILE: '', NODE_SECRET_FILE: '' }).databaseUrl).toBeUndefined();
  });

  it('are refused where they are given both ways', async () => {
    const environment = { NODE_SECRET: SECRET, NODE_SECRET_FILE: await file('twice', SECRET) };

    expect(refusal(environment)).toContain('NODE_SECRET or NODE_SECRET_FILE, not both');
  });

  it('are refused with the name of the setting, the path and the reason', async () => {
    const missing = join(folder, 'missing');

    expect(refusal({ DATABASE_URL_FILE: missing })).toBe(
      `DATABASE_URL_FILE: ${missing} cannot be read (ENOENT).`,
    );
    expect(refusal({ DATABASE_URL_FILE: folder })).toContain('EISDIR');
    expect(refusal({ NODE_SECRET_FILE: await file('empty', ' \n') })).toContain('is empty');
    expect(refusal({ NODE_SECRET_FILE: '/dev/zero' })).toContain('more than 4096 bytes');
  });

  it('do not show in the refusal of what they hold', async () => {
    const words = 'correct-horse-battery';

    expect(refusal({ NODE_SECRET_FILE: await file('words', words) })).not.toContain(words);
    expect(refusal({ DATABASE_URL_FILE: await file('words', words) })).not.toContain(words);
  });
});

describe('the name of a process', () => {
  it.each(['', 'api-1', 'A'.repeat(32)])('may be "%s"', (name) => {
    expect(readConfig({ PROCESS_NAME: name }).processName).toBe(name === '' ? undefined : name);
  });

  it.each(['api.1', 'api 1', 'A'.repeat(33), 'ä'])('may not be "%s"', (name) => {
    expect(refusal({ PROCESS_NAME: name })).toContain('PROCESS_NAME');
  });
});

describe('the lab', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'musubi.example'])('is refused at the host %s', (host) => {
    expect(refusal({ LAB: '1', HOST: host })).toContain('LAB=1 needs a loopback HOST');
  });

  it.each(['127.0.0.1', '::1', 'localhost'])('may be at the host %s', (host) => {
    expect(readConfig({ LAB: '1', HOST: host }).isLab).toBe(true);
  });
});

describe('links to other nodes', () => {
  it('are off without settings', () => {
    expect(readConfig({}).links).toBeNull();
    expect(readConfig({ NODE_LISTEN: '', BOOTSTRAP: '' }).links).toBeNull();
  });

  it('are read', () => {
    const environment = {
      NODE_LISTEN: '[::]:4040',
      NODE_ADDRESS: 'tcp://node.example:4040, tcp://[2001:db8::1]:4040',
      BOOTSTRAP: `tcp://192.0.2.1:4040,tcp://${SECRET}@192.0.2.2:4040`,
    };

    expect(readConfig(environment).links).toEqual({
      listenAt: { host: '::', port: 4040 },
      webSocketsAt: undefined,
      addresses: ['tcp://node.example:4040', 'tcp://[2001:db8::1]:4040'],
      bootstrap: ['tcp://192.0.2.1:4040', `tcp://${SECRET}@192.0.2.2:4040`],
      isRelay: false,
    });
    expect(readConfig({ NODE_LISTEN: '127.0.0.1:4040', RELAY: '1' }).links?.isRelay).toBe(true);
    expect(readConfig({ BOOTSTRAP: 'tcp://192.0.2.1:4040' }).links).toMatchObject({ listenAt: undefined });
  });

  it('are read behind an HTTPS proxy', () => {
    const addresses = ['wss://node.example', 'wss://node.example:8443'];
    const bootstrap = [`wss://${SECRET}@other.example`, 'wss://other.example:443'];
    const environment = {
      NODE_LISTEN: 'ws://127.0.0.1:4041',
      NODE_ADDRESS: addresses.join(),
      BOOTSTRAP: bootstrap.join(),
    };
    const webSocketsAt = { host: '127.0.0.1', port: 4041 };

    expect(readConfig(environment).links).toMatchObject({
      listenAt: undefined,
      webSocketsAt,
      addresses,
      bootstrap,
    });
    const both = { NODE_LISTEN: '[::1]:4040,ws://127.0.0.1:4041', NODE_ADDRESS: 'wss://node.example' };
    expect(readConfig(both).links).toMatchObject({ listenAt: { host: '::1', port: 4040 }, webSocketsAt });
  });

  it.each<Readonly<Record<string, string>>>([
    { NODE_LISTEN: '4040' },
    { NODE_LISTEN: 'tcp://127.0.0.1:4040' },
    { NODE_LISTEN: '127.0.0.1:65536' },
    { NODE_LISTEN: '127.0.0.1:4040', NODE_ADDRESS: '127.0.0.1:4040' },
    { NODE_LISTEN: '127.0.0.1:4040', NODE_ADDRESS: 'tcp://node.example' },
    { NODE_LISTEN: '127.0.0.1:4040', NODE_ADDRESS: 'tcp://user@node.example:1' },
    { NODE_LISTEN: '127.0.0.1:4040', NODE_ADDRESS: 'tcp://node.example:1/path' },
    { NODE_LISTEN: '127.0.0.1:4040', NODE_ADDRESS: 'tcp://a.example:1,tcp://a.example:1' },
    { NODE_LISTEN: 'ws://127.0.0.1' },
    { NODE_LISTEN: '127.0.0.1:4040,127.0.0.1:4041' },
    { NODE_LISTEN: 'ws://127.0.0.1:4041', NODE_ADDRESS: 'wss://node.example/path' },
    { NODE_LISTEN: 'ws://127.0.0.1:4041', NODE_ADDRESS: 'ws://node.example:80' },
    { BOOTSTRAP: 'https://node.example' },
    { BOOTSTRAP: 'tcp://192.0.2.1:4040,' },
  ])('are refused when malformed: %j', (environment) => {
    expect(refusal(environment)).toContain('The environment is not valid');
  });

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['NODE_LISTEN', { NODE_ADDRESS: 'tcp://node.example:4040' }],
    ['NODE_ADDRESS', { NODE_LISTEN: '0.0.0.0:4040' }],
    ['ws: place', { NODE_LISTEN: '127.0.0.1:4040', NODE_ADDRESS: 'wss://node.example' }],
    ['wss: address', { NODE_LISTEN: 'ws://127.0.0.1:4041' }],
    ['tcp: address', { NODE_LISTEN: 'ws://127.0.0.1:1', NODE_ADDRESS: 'wss://a.example,tcp://a.example:1' }],
    ['RELAY', { NODE_LISTEN: 'ws://127.0.0.1:1', NODE_ADDRESS: 'wss://a.example', RELAY: '1' }],
    ['RELAY', { BOOTSTRAP: 'tcp://192.0.2.1:4040', RELAY: '1' }],
    [
      'one process',
      {
        NODE_LISTEN: '127.0.0.1:4040',
        REDIS_URL: 'redis://redis',
        DATABASE_URL: DATABASE,
        NODE_SECRET: SECRET,
      },
    ],
  ])('are refused without %s', (need, environment) => {
    expect(refusal(environment)).toContain(need);
  });
});

describe('registration', () => {
  it.each<Readonly<Record<string, string>>>([
    { REGISTRATION: 'token' },
    { REGISTRATION_TOKEN: 'a registration token' },
    { REGISTRATION: 'closed', REGISTRATION_TOKEN: 'a registration token' },
  ])('and its token need each other: %j', (environment) => {
    expect(refusal(environment)).toContain('need each other');
  });

  it.each<Readonly<Record<string, string>>>([
    { REGISTRATION: 'sometimes' },
    { REGISTRATION: 'token', REGISTRATION_TOKEN: 'too short' },
    { AGENTS_PER_DAY: '0' },
    { TRUSTED_PROXIES: '10.0.0.0/8, proxy.example' },
    { TRUSTED_PROXIES: '10.0.0.0/33' },
    { SIGN_INS_PER_MINUTE: '1.5' },
  ])('and other limits are refused when malformed: %j', (environment) => {
    expect(refusal(environment)).toContain('The environment is not valid');
  });

  it('by token reads it from a file', async () => {
    const path = await file('registration', 'a registration token\n');

    expect(readConfig({ REGISTRATION: 'token', REGISTRATION_TOKEN_FILE: path })).toMatchObject({
      registration: 'token',
      registrationToken: 'a registration token',
    });
  });
});

describe('the table of settings in docs/operations.md', () => {
  const NONE = '–';
  let table: readonly (readonly [name: string, fallback: string])[];

  beforeAll(async () => {
    const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'operations.md');
    const rows = (await readFile(page, 'utf8')).matchAll(/^\| `([A-Z_]+)` *\| (?:`([^`]*)`|(–)) *\|/gm);
    table = [...rows].map(([, name = '', given, none]) => [name, given ?? none ?? '']);
  });

  it('has each setting once, and no other', () => {
    expect(table.map(([name]) => name).toSorted()).toEqual(SETTINGS.toSorted());
  });

  it('has the defaults', () => {
    const defaults = Object.fromEntries(table.filter(([, fallback]) => fallback !== NONE));

    expect(Object.keys(defaults).length).toBeGreaterThan(10);
    expect(readConfig(defaults)).toEqual(readConfig({}));
  });
});

describe('the patience of deliveries', () => {
  const DAY_US = 86_400_000_000;

  it.each([
    ['', { kind: 'time', us: 30 * DAY_US }],
    ['1m', { kind: 'time', us: 60_000_000 }],
    ['90', { kind: 'time', us: 90_000_000 }],
    ['7d', { kind: 'time', us: 7 * DAY_US }],
    ['never', { kind: 'time', us: Infinity }],
    ['5-attempts', { kind: 'attempts', most: 5 }],
    ['99-attempts', { kind: 'attempts', most: 99 }],
  ])('is read: %j', (text, expected) => {
    expect(readConfig({ DELIVERY_PATIENCE: text }).deliveryPatience).toEqual(expected);
  });

  it.each(['59s', '0', '-1', '5 attempts', '0-attempts', '100-attempts', 'attempts', '36501d', '30D'])(
    'is refused: %j',
    (text) => {
      expect(refusal({ DELIVERY_PATIENCE: text })).toContain('DELIVERY_PATIENCE: must be');
    },
  );
});

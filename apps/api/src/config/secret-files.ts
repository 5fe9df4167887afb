import { closeSync, openSync, readSync } from 'node:fs';
import { types } from 'node:util';
import { ConfigError } from './config-error.js';

/** These hold passwords or keys. As files they show in no list of environment variables. */
const SECRETS = ['DATABASE_URL', 'NODE_SECRET', 'REDIS_URL', 'REGISTRATION_TOKEN'] as const;
/** A setting is shorter; a device or a log named by mistake may have no end. */
const MAX_BYTES = 4096;

/**
 * The secrets whose files are named by `<name>_FILE`, without the line end that editors put there.
 *
 * @throws ConfigError when a file cannot be read, is empty or too large, or when the secret is given both ways
 */
export function readSecretFiles(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`];
    if (path === undefined) continue;
    if (environment[name] !== undefined) throw new ConfigError(`Set ${name} or ${name}_FILE, not both.`);
    secrets[name] = contentOf(`${name}_FILE`, path);
  }
  return secrets;
}

function contentOf(setting: string, path: string): string {
  const text = readStart(setting, path).trimEnd();
  if (text === '') throw new ConfigError(`${setting}: ${path} is empty.`);
  return text;
}

function readStart(setting: string, path: string): string {
  const bytes = Buffer.alloc(MAX_BYTES + 1);
  let length: number;
  try {
    const file = openSync(path, 'r');
    try {
      length = readSync(file, bytes);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = types.isNativeError(error) && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(`${setting}: ${path} cannot be read (${code}).`);
  }
  if (length > MAX_BYTES) throw new ConfigError(`${setting}: ${path} has more than ${MAX_BYTES} bytes.`);
  return bytes.toString('utf8', 0, length);
}

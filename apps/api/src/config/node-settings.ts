import { z } from 'zod';
import { ConfigError } from './config-error.js';

/** How this node is linked to others. */
export interface LinkSettings {
  /** Where it listens for other nodes. Absent: it only dials. */
  readonly listenAt: { readonly host: string; readonly port: number } | undefined;
  /** What others dial. None: the place where it listens. */
  readonly addresses: readonly string[];
  /** Nodes that it dials first. */
  readonly bootstrap: readonly string[];
  /** It relays for nodes that nobody can dial. */
  readonly isRelay: boolean;
}

const MAX_PORT = 65_535;
/** As many as a node record holds, and as long. */
const MAX_ADDRESSES = 8;
const MAX_ADDRESS_LENGTH = 128;
const MAX_BOOTSTRAP = 64;

/** `0.0.0.0:4040`, `node.example:4040`, `[::]:4040`. */
const PLACE = /^(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?<port>\d{1,5})$/;

export const listenSchema = z.string().transform((text, context) => {
  const { host = '', port = '' } = PLACE.exec(text)?.groups ?? {};
  if (host !== '' && Number(port) <= MAX_PORT) {
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  }
  context.addIssue('must be a host and a port, such as 0.0.0.0:4040 or [::]:4040');
  return z.NEVER;
});

/** With commas between them. */
const listSchema = (
  isItem: (text: string) => boolean,
  example: string,
  max: number,
): z.ZodType<readonly string[], string> =>
  z
    .string()
    .transform((list) => list.split(',').map((part) => part.trim()))
    .refine((list) => list.every(isItem), `must be ${example}, with commas between`)
    .refine((list) => new Set(list).size === list.length, 'must not name an address twice')
    .refine((list) => list.length <= max, `must be at most ${max} addresses`);

export const ownAddressesSchema = listSchema(
  isAddress,
  'addresses such as tcp://node.example:4040',
  MAX_ADDRESSES,
);
export const bootstrapSchema = listSchema(
  (text) => isAddress(text.replace(/^tcp:\/\/[A-Za-z0-9_-]{43}@/, 'tcp://')),
  'addresses such as tcp://node.example:4040 or tcp://KEY@node.example:4040',
  MAX_BOOTSTRAP,
);

function isAddress(text: string): boolean {
  const place = text.replace(/^tcp:\/\//, '');
  if (place === text || text.length > MAX_ADDRESS_LENGTH) return false;
  const port = Number(PLACE.exec(place)?.groups?.['port'] ?? 0);
  return port > 0 && port <= MAX_PORT && URL.canParse(text);
}

/** Nobody can dial these. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

interface Given {
  readonly NODE_LISTEN?: LinkSettings['listenAt'];
  readonly NODE_ADDRESS?: readonly string[] | undefined;
  readonly BOOTSTRAP?: readonly string[] | undefined;
  readonly RELAY?: '0' | '1' | undefined;
  readonly REDIS_URL?: string | undefined;
}

/** `null`: this node is alone. */
export function linkSettings({ NODE_LISTEN, NODE_ADDRESS, BOOTSTRAP, RELAY }: Given): LinkSettings | null {
  if (NODE_LISTEN === undefined && BOOTSTRAP === undefined) return null;
  return {
    listenAt: NODE_LISTEN,
    addresses: NODE_ADDRESS ?? [],
    bootstrap: BOOTSTRAP ?? [],
    isRelay: RELAY === '1',
  };
}

/** @throws ConfigError */
export function refuseLinkContradictions(given: Given): void {
  const { NODE_LISTEN, NODE_ADDRESS, REDIS_URL } = given;
  if (NODE_LISTEN === undefined) refuseWithoutListening(given);
  const isEverywhere = NODE_LISTEN !== undefined && WILDCARDS.has(NODE_LISTEN.host);
  if (NODE_ADDRESS === undefined && isEverywhere) {
    throw new ConfigError(
      'NODE_LISTEN at every address of the machine needs NODE_ADDRESS beside it: where other nodes reach this one.',
    );
  }
  if (REDIS_URL !== undefined && linkSettings(given) !== null) {
    throw new ConfigError(
      'NODE_LISTEN and BOOTSTRAP do not go with REDIS_URL: a node with links to others has one process.',
    );
  }
}

/** @throws ConfigError */
function refuseWithoutListening({ NODE_ADDRESS, RELAY }: Given): void {
  if (NODE_ADDRESS !== undefined) {
    throw new ConfigError('NODE_ADDRESS needs NODE_LISTEN beside it: nobody would answer at the address.');
  }
  if (RELAY === '1') {
    throw new ConfigError('RELAY needs NODE_LISTEN beside it: a relay is where others can dial it.');
  }
}

import { z } from 'zod';
import { ConfigError } from './config-error.js';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** How this node is linked to others. */
export interface LinkSettings {
  /** Where it listens for other nodes. */
  readonly listenAt: Place | undefined;
  /** Where a reverse proxy passes the WebSockets of other nodes on to. With neither, it only dials. */
  readonly webSocketsAt: Place | undefined;
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

const WEB_SOCKETS = 'ws://';

type Listening = Pick<LinkSettings, 'listenAt' | 'webSocketsAt'>;

/** `host:port`, `ws://host:port`, or one of each with a comma between. */
export const listenSchema = z.string().transform((text, context): Listening => {
  const items = text.split(',').map((item) => item.trim());
  const forSockets = items.filter((item) => item.startsWith(WEB_SOCKETS));
  const others = items.filter((item) => !item.startsWith(WEB_SOCKETS));
  const places = [...others, ...forSockets.map((item) => item.slice(WEB_SOCKETS.length))].map(placeIn);
  if (others.length <= 1 && forSockets.length <= 1 && !places.includes(null)) {
    const [first, last] = [places.at(0) ?? undefined, places.at(-1) ?? undefined];
    return {
      listenAt: others.length === 0 ? undefined : first,
      webSocketsAt: forSockets.length === 0 ? undefined : last,
    };
  }
  context.addIssue(
    'must be a host and a port, such as 0.0.0.0:4040 or [::]:4040, or ws://127.0.0.1:4041, or one of each',
  );
  return z.NEVER;
});

function placeIn(text: string): Place | null {
  const { host = '', port = '' } = PLACE.exec(text)?.groups ?? {};
  if (host === '' || Number(port) > MAX_PORT) return null;
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

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
  'addresses such as tcp://node.example:4040 or wss://node.example',
  MAX_ADDRESSES,
);
export const bootstrapSchema = listSchema(
  (text) => isAddress(text.replace(/^(tcp|wss):\/\/[A-Za-z0-9_-]{43}@/, '$1://')),
  'addresses such as tcp://node.example:4040, wss://node.example or tcp://KEY@node.example:4040',
  MAX_BOOTSTRAP,
);

const SCHEME = /^(?:tcp|wss):\/\//;
/** Without a port, HTTPS has its usual one. */
const WITHOUT_PORT = /^wss:\/\/(?:\[[^\]]*\]|[^:\]]*)$/;

function isAddress(text: string): boolean {
  const whole = WITHOUT_PORT.test(text) ? `${text}:443` : text;
  const place = SCHEME.test(text) ? placeIn(whole.replace(SCHEME, '')) : null;
  return place !== null && place.port > 0 && text.length <= MAX_ADDRESS_LENGTH && URL.canParse(text);
}

/** Nobody can dial these. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

interface Given {
  readonly NODE_LISTEN?: Listening | undefined;
  readonly NODE_ADDRESS?: readonly string[] | undefined;
  readonly BOOTSTRAP?: readonly string[] | undefined;
  readonly RELAY?: '0' | '1' | undefined;
  readonly REDIS_URL?: string | undefined;
}

/** `null`: this node is alone. */
export function linkSettings({ NODE_LISTEN, NODE_ADDRESS, BOOTSTRAP, RELAY }: Given): LinkSettings | null {
  if (NODE_LISTEN === undefined && BOOTSTRAP === undefined) return null;
  return {
    listenAt: NODE_LISTEN?.listenAt,
    webSocketsAt: NODE_LISTEN?.webSocketsAt,
    addresses: NODE_ADDRESS ?? [],
    bootstrap: BOOTSTRAP ?? [],
    isRelay: RELAY === '1',
  };
}

/** @throws ConfigError */
export function refuseLinkContradictions(given: Given): void {
  refuseUnansweredAddresses(given);
  refuseUnknownAddress(given);
  if (given.RELAY === '1' && given.NODE_LISTEN?.listenAt === undefined) {
    throw new ConfigError('RELAY needs NODE_LISTEN beside it: a relay is where others can dial it by TCP.');
  }
  if (given.REDIS_URL !== undefined && linkSettings(given) !== null) {
    throw new ConfigError(
      'NODE_LISTEN and BOOTSTRAP do not go with REDIS_URL: a node with links to others has one process.',
    );
  }
}

const isForSockets = (address: string): boolean => address.startsWith('wss:');

/** @throws ConfigError */
function refuseUnansweredAddresses({ NODE_LISTEN, NODE_ADDRESS = [] }: Given): void {
  if (NODE_LISTEN === undefined && NODE_ADDRESS.length > 0) {
    throw new ConfigError('NODE_ADDRESS needs NODE_LISTEN beside it: nobody would answer at the address.');
  }
  const { listenAt, webSocketsAt } = NODE_LISTEN ?? {};
  if (NODE_ADDRESS.some(isForSockets) !== (webSocketsAt !== undefined)) {
    throw new ConfigError(
      'A wss: address in NODE_ADDRESS and a ws: place in NODE_LISTEN need each other: the first is what others ' +
        'dial, and the second where the proxy there passes it on to.',
    );
  }
  if (listenAt === undefined && !NODE_ADDRESS.every(isForSockets)) {
    throw new ConfigError('A tcp: address in NODE_ADDRESS needs a place without ws: in NODE_LISTEN.');
  }
}

/** @throws ConfigError */
function refuseUnknownAddress({ NODE_LISTEN, NODE_ADDRESS }: Given): void {
  const host = NODE_LISTEN?.listenAt?.host;
  if (NODE_ADDRESS === undefined && host !== undefined && WILDCARDS.has(host)) {
    throw new ConfigError(
      'NODE_LISTEN at every address of the machine needs NODE_ADDRESS beside it: where other nodes reach this one.',
    );
  }
}

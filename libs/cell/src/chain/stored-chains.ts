import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type ActionRow } from '../schema/index.js';
import { type SignedAction, isAuthentic } from './action.js';
import { signedActionFrom } from './chain.reader.js';

const ALL = 'select * from action order by space, author, seq';
// By way of the heads: the actions themselves have an index by space first.
const BY_AUTHORS = `
  select action.* from chain_head join action using (space, author)
  where chain_head.author = any($1::bytea[]) order by space, author, seq`;

/** Every stored chain, or those written under some names; each in the order of its actions. For checks, not for steps. */
export async function readChains(
  db: Sql,
  authors?: readonly AgentPubKey[],
): Promise<readonly (readonly SignedAction[])[]> {
  const rows =
    authors === undefined
      ? await db.query<ActionRow[]>(ALL)
      : await db.query<ActionRow[]>(BY_AUTHORS, [authors.map((author) => fromBase64Url(author))]);
  const chains = new Map<string, SignedAction[]>();
  for (const row of rows) {
    const name = `${toBase64Url(row.space)}/${toBase64Url(row.author)}`;
    const chain = chains.get(name) ?? [];
    chain.push(signedActionFrom(row));
    chains.set(name, chain);
  }
  return [...chains.values()];
}

/** A chain as one who holds it checks it. */
export function viewOfChain(
  chain: readonly SignedAction[],
  isValid: (signed: SignedAction) => boolean = isAuthentic,
): ChainOfLinks {
  return {
    author: chain[0]?.action.author ?? '',
    actions: chain.map((signed) => ({
      seq: signed.action.seq,
      prev: signed.action.prev,
      hash: signed.hash,
      isValid: isValid(signed),
    })),
  };
}

/** `isAuthentic`, once for each action: of a check that is repeated, signatures take most of the time. */
export function authenticOnce(): (signed: SignedAction) => boolean {
  const known = new Map<string, boolean>();
  return (signed) => {
    // All of it: an action whose fields were changed under its old signature is another one.
    const name = JSON.stringify(signed);
    const isKnown = known.get(name) ?? isAuthentic(signed);
    known.set(name, isKnown);
    return isKnown;
  };
}

/** What has to be known of a chain to tell whether it is linear and signed. */
interface ChainOfLinks {
  readonly author: string;
  readonly actions: readonly {
    readonly seq: number;
    readonly prev: string | null;
    readonly hash: string;
    readonly isValid: boolean;
  }[];
}

import { hashFrom, spaceIdFrom } from '@musubi/cell';
import { toBase64Url } from '@musubi/crypto';
import { type DataSource } from 'typeorm';

interface DnaRow {
  readonly space: Uint8Array;
  readonly dna: Uint8Array;
}

const FOLLOWED = `select distinct space, proof as dna from action where type = 'dna' and seq = 0`;

/** The seed of a space that everybody can join. */
const PUBLIC_SEED = new Uint8Array();

/**
 * The spaces that everybody can join: those whose id is computed from the DNA that their chains follow and a public
 * seed. Of another space, an outsider cannot even ask for its operations.
 */
export async function openSpaces(
  db: DataSource,
  publicSeeds: readonly Uint8Array[] = [PUBLIC_SEED],
): Promise<readonly Uint8Array[]> {
  const rows = await db.query<DnaRow[]>(FOLLOWED);
  return rows.flatMap(({ space, dna }) => {
    const ids = publicSeeds.map((seed) => spaceIdFrom(hashFrom(dna), seed));
    return ids.some((id) => id === toBase64Url(space)) ? [space] : [];
  });
}

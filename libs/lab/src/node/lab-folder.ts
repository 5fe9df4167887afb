import { join } from 'node:path';

/** How the names of folders begin that hold a database of the lab. */
export const LAB_FOLDER = 'musubi-lab-';

/** Where a comparison whose reports go to a folder keeps its database. */
export function temporaryOf(folder: string): string {
  return join(folder, 'tmp');
}

import { type SeededRandom } from '@musubi/observers';

/** A standard normal number (Box & Muller 1958). */
export function normalFrom(random: SeededRandom): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
  return radius * Math.cos(2 * Math.PI * random.float());
}

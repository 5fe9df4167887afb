import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Numbers that one seed gives again and again: xoroshiro128+ (Blackman & Vigna 2018). Not for keys. */
export class SeededRandom {
  private readonly generator: ReturnType<typeof xoroshiro128plus>;

  /** @param seed an integer; 32 bits of it count */
  constructor(seed: number) {
    this.generator = xoroshiro128plus(seed);
  }

  /** A number in [0, 1), of 53 bits. */
  float(): number {
    return uniformFloat64(this.generator);
  }

  /** An integer from 0 to `count` − 1, each as likely as the other. */
  below(count: number): number {
    return uniformInt(this.generator, 0, count - 1);
  }
}

import { VARIANTS, type Variant } from '../../src/node/variants.js';

export function variantNamed(name: string): Variant {
  const variant = VARIANTS.find((each) => each.name === name);
  if (variant === undefined) throw new RangeError(`there is no variant ${name}`);
  return variant;
}

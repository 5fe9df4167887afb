import { type FactoryProvider, type InjectionToken, type Type } from '@nestjs/common';

/**
 * Provides what takes its parts by name, since there are more of them than a constructor should take one by one.
 * @param tokens where each part comes from
 */
export function madeOf<Made, Parts extends object>(
  made: Type<Made> & (new (parts: Parts) => Made),
  tokens: Readonly<Record<keyof Parts, InjectionToken>>,
): FactoryProvider<Made> {
  const named = Object.entries<InjectionToken>(tokens);
  return {
    provide: made,
    inject: named.map(([, token]) => token),
    useFactory: (...parts: readonly unknown[]) =>
      new made(Object.fromEntries(named.map(([name], index) => [name, parts[index]])) as Parts),
  };
}

import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { type Type } from '@nestjs/common';
import { AgentsController } from '../src/agents/agents.controller.js';
import { AppModule } from '../src/app.module.js';
import { MovingController } from '../src/moving/moving.controller.js';

function listed(module: Type, what: 'imports' | 'controllers'): readonly Type[] {
  return (Reflect.getMetadata(what, module) as readonly Type[] | undefined) ?? [];
}

/** As Nest scans them: each module before its imports, and none twice. */
function scan(module: Type, seen = new Set<Type>()): ReadonlySet<Type> {
  if (seen.has(module)) return seen;
  seen.add(module);
  for (const imported of listed(module, 'imports')) scan(imported, seen);
  return seen;
}

/** @returns the modules on the way back to the first of them, if there is such a way */
function cycleFrom(module: Type, path: readonly Type[] = []): readonly Type[] {
  if (path.includes(module)) return path.slice(path.indexOf(module));
  for (const imported of listed(module, 'imports')) {
    const cycle = cycleFrom(imported, [...path, module]);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe('the modules of the service', () => {
  it('import each other without a cycle, and without a forward reference', () => {
    const modules = [...scan(AppModule)];

    expect(modules.length).toBeGreaterThan(15);
    expect(modules.filter((module) => typeof module !== 'function')).toEqual([]);
    expect(cycleFrom(AppModule)).toEqual([]);
  });

  it('register the import of an agent before the routes that take any name in its place', () => {
    const controllers = [...scan(AppModule)].flatMap((module) => listed(module, 'controllers'));

    expect(controllers).toContain(MovingController);
    expect(controllers.indexOf(MovingController)).toBeLessThan(controllers.indexOf(AgentsController));
  });

  it('own each controller once', () => {
    const controllers = [...scan(AppModule)].flatMap((module) => listed(module, 'controllers'));

    expect(controllers).toHaveLength(new Set(controllers).size);
  });
});

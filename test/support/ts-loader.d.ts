export function importSource(specifier: string): Promise<unknown>;

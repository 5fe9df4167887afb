export function traced(source: string, name: string): string;

/** Where background work reports. Fields never hold message text, keys or tokens. */
export interface Log {
  warn(event: string, fields?: Readonly<Record<string, string | number>>): void;
}

export const silentLog: Log = { warn: () => undefined };

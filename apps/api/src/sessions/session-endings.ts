import { Observable } from 'rxjs';

/** Tells those who serve a session for longer than a request, such as a stream, that it has ended. */
export class SessionEndings {
  private readonly watchers = new Map<string, Set<() => void>>();

  /** Emits once, when the session with this id ends. */
  of(id: string): Observable<void> {
    return new Observable((subscriber) => {
      const watcher = (): void => {
        subscriber.next();
        subscriber.complete();
      };
      const others = this.watchers.get(id) ?? new Set();
      this.watchers.set(id, others.add(watcher));
      return () => {
        others.delete(watcher);
        if (others.size === 0) this.watchers.delete(id);
      };
    });
  }

  tell(ids: readonly string[]): void {
    for (const id of ids) for (const watcher of [...(this.watchers.get(id) ?? [])]) watcher();
  }

  watched(): readonly string[] {
    return [...this.watchers.keys()];
  }
}

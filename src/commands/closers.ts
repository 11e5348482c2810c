export type Closers = {
  add(close: () => Promise<void>): void;
  /** Last opened, first closed; one that fails does not keep the others open. Throws the first. */
  close(): Promise<void>;
};

export function closers(): Closers {
  const open: (() => Promise<void>)[] = [];
  return {
    add: (close) => void open.push(close),
    async close() {
      const failures: unknown[] = [];
      for (let one = open.pop(); one !== undefined; one = open.pop()) {
        await one().catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

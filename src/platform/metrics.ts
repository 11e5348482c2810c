import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted about this process. Labels come from the program, never from a request. */
export type Metrics = {
  /** Returns what adds to it, 1 unless told. Each label's values must be few and known. */
  counter<Label extends string>(
    name: string,
    help: string,
    labels?: readonly Label[],
  ): (values: Readonly<Record<Label, string>>, amount?: number) => void;
  /** `read` is asked at each scrape. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** Returns what takes one observation in seconds. */
  duration<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
  ): (values: Readonly<Record<Label, string>>, seconds: number) => void;
  /** Prometheus' text format 0.0.4. */
  text(): Promise<string>;
};

/** Seconds: from a read out of memory to a transaction Bundle of thousands. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    counter(name, help, labels = []) {
      const counter = new Counter({ name, help, labelNames: [...labels], registers });
      return (values, amount = 1) => counter.inc(values, amount);
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read());
        },
      });
    },
    duration(name, help, labels) {
      const histogram = new Histogram({ name, help, labelNames: [...labels], buckets, registers });
      return (values, seconds) => histogram.observe(values, seconds);
    },
    text: () => registry.metrics(),
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, bearer, type Sent, visit } from './visit.ts';

/** What was acknowledged, request by request; `correlation` finds its audit row. */
export type Ledger = {
  readonly writes: Written[];
  readonly reads: { id: string; correlation: string }[];
  /** Transactions of five, whether answered or not. */
  readonly deals: { ids: string[]; text: string; correlation: string; answered: boolean }[];
  /** Answers of 503, all with Retry-After. */
  refused: number;
  /** No answer at all: the server was killed meanwhile. */
  cut: number;
  /** What should never be answered. */
  readonly faults: string[];
};
export type Written = { id: string; version: number; text: string; correlation: string };

export type Crowd = { readonly ledger: Ledger; disperse(): Promise<void> };

/** Each waits so long between its requests, or the log would outgrow what a test can read. */
const BREATH_MS = 30;
/** Nobody answers: it is being started again. */
const AWAY_MS = 150;

/** Writers and readers that go on, whatever becomes of the server, until they are told to stop. */
export function crowd(given: {
  address: () => string;
  token: string;
  writers: number;
  readers: number;
}): Crowd {
  const ledger: Ledger = { writes: [], reads: [], deals: [], refused: 0, cut: 0, faults: [] };
  const over = new AbortController();
  /** The answer, or undefined when there was none or the server asked to come again. */
  const ask = async (
    path: string,
    sent: Sent,
    correlation: string,
  ): Promise<Answer | undefined> => {
    await pause(BREATH_MS);
    const headers = { ...bearer(given.token), 'x-correlation-id': correlation };
    const answer = await visit(given.address() + path, { ...sent, headers }).catch(() => undefined);
    if (answer === undefined) {
      ledger.cut += 1;
      await pause(AWAY_MS);
    } else if (answer.status === 503) {
      ledger.refused += 1;
      if (!/^\d+$/.test(String(answer.headers['retry-after']))) ledger.faults.push('503 bare');
    } else if (answer.status > 201) ledger.faults.push(`${path}: ${answer.status} ${answer.text}`);
    else return answer;
    return undefined;
  };
  const write = async (number: number) => {
    let own: string | undefined;
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      const text = `writer ${number} turn ${turn}`;
      if (turn % 3 === 2) await deal(ledger, ask, `kill-${number}-${turn}`, text);
      else own = (await record(ledger, ask, { id: turn % 3 === 1 ? own : undefined, text })) ?? own;
    }
  };
  const read = async () => {
    while (!over.signal.aborted) {
      const id = ledger.writes[Math.floor(Math.random() * ledger.writes.length)]?.id;
      const correlation = randomUUID();
      if (id === undefined) await pause(BREATH_MS);
      else if ((await ask(`/fhir/Observation/${id}`, {}, correlation)) !== undefined) {
        ledger.reads.push({ id, correlation });
      }
    }
  };
  /** Other ways in: none of them may answer anything but what it is or 503. */
  const look = async () => {
    const paths = ['/api/v1/auth/me', '/fhir/Observation?_count=3', '/fhir/Patient/kill/_history'];
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      await ask(paths[turn % paths.length] ?? '', {}, randomUUID());
    }
  };
  const people = [
    look(),
    ...Array.from({ length: given.writers }, (_, number) => write(number)),
    ...Array.from({ length: given.readers }, () => read()),
  ];
  return {
    ledger,
    async disperse() {
      over.abort();
      await Promise.all(people);
    },
  };
}

type Ask = (path: string, sent: Sent, correlation: string) => Promise<Answer | undefined>;

const observation = (text: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text },
  subject: { reference: 'Patient/kill' },
});

/** A create, or an update of the writer's own; its id when acknowledged. */
async function record(
  ledger: Ledger,
  ask: Ask,
  { id, text }: { id: string | undefined; text: string },
): Promise<string | undefined> {
  const correlation = randomUUID();
  const path = id === undefined ? '/fhir/Observation' : `/fhir/Observation/${id}`;
  const body = id === undefined ? observation(text) : { ...observation(text), id };
  const method = id === undefined ? 'POST' : 'PUT';
  const answer = await ask(path, { method, body }, correlation);
  if (answer === undefined) return undefined;
  const version = Number(answer.body.meta.versionId);
  ledger.writes.push({ id: answer.body.id, version, text, correlation });
  return answer.body.id;
}

async function deal(ledger: Ledger, ask: Ask, name: string, text: string): Promise<void> {
  const ids = [0, 1, 2, 3, 4].map((nth) => `${name}-${nth}`);
  const entry = ids.map((id) => ({
    resource: { ...observation(text), id },
    request: { method: 'PUT', url: `Observation/${id}` },
  }));
  const correlation = randomUUID();
  const deal = { ids, text, correlation, answered: false };
  ledger.deals.push(deal);
  const body = { resourceType: 'Bundle', type: 'transaction', entry };
  deal.answered = (await ask('/fhir', { body }, correlation)) !== undefined;
}

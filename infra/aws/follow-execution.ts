import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import type { MachineEvent, Outcome } from '../local/machine.ts';
import { createTranslator } from './execution-events.ts';

interface Following {
  readonly client: SFNClient;
  readonly executionArn: string;
  readonly onEvent: (event: MachineEvent) => void;
  readonly sleep: (ms: number) => Promise<void>;
  /** Stops the watching, not the execution. */
  readonly interrupt: AbortSignal;
}

/** A stage takes seconds to minutes, but Spotify may ask for hours of waiting: then looking less often is enough. */
const FIRST_POLL_MS = 2000;
const LONGEST_POLL_MS = 15_000;

/** Hands on what happens in an execution until it ends; undefined when the person has stopped watching. */
export async function followExecution(following: Following): Promise<Outcome | undefined> {
  const { onEvent, sleep, interrupt } = following;
  const translate = createTranslator();
  const readNew = historyReader(following);
  let pause = FIRST_POLL_MS;
  while (!interrupt.aborted) {
    const { events, outcome } = translate(await readNew());
    for (const event of events) onEvent(event);
    if (outcome) return outcome;
    pause = events.length > 0 ? FIRST_POLL_MS : Math.min(pause * 1.2, LONGEST_POLL_MS);
    await sleep(pause);
  }
  return undefined;
}

/**
 * Each call gives the events since the last one. A page that was the last one is read again, because it grows; event
 * ids count up from one, so what was seen is known. A history ends at 25,000 events: 25 pages.
 */
function historyReader({ client, executionArn }: Following): () => Promise<HistoryEvent[]> {
  let lastId = 0;
  let page: string | undefined;
  return async () => {
    const found: HistoryEvent[] = [];
    for (;;) {
      const { events = [], nextToken } = await client.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, includeExecutionData: true, nextToken: page }),
      );
      const fresh = events.filter(({ id = 0 }) => id > lastId);
      lastId = fresh.at(-1)?.id ?? lastId;
      found.push(...fresh);
      if (!nextToken) return found;
      page = nextToken;
    }
  };
}

import { Listr, PRESET_TIMER } from 'listr2';
import type { MachineEvent, Outcome } from './machine.ts';

/** The stages a person knows, each with the states that belong to it. */
const STAGES = {
  Extract: ['Extract', 'CheckExtract', 'WaitForSpotify', 'CountRound'],
  Transform: ['Transform'],
  Crawl: ['StartCrawler', 'WaitForCrawler', 'GetCrawler', 'CheckCrawler', 'CountPoll'],
  Validate: ['Validate', 'GetValidation', 'CheckValidation'],
  Publish: ['Publish', 'CheckPartial', 'NotifyPartial'],
} as const satisfies Record<string, readonly string[]>;
type Stage = keyof typeof STAGES;
const STAGE_NAMES = Object.keys(STAGES) as Stage[];

export interface Progress {
  /** Feed it what the machine says. */
  onEvent(event: MachineEvent): void;
  /** A line of what the present stage is doing. */
  say(text: string): void;
  /** Counts for the title of a stage, once it is known. */
  summarize(stage: Stage, text: string): void;
  /** Ends the display; every stage that was not reached is left out. */
  end(outcome: Outcome): Promise<void>;
}

/** A live tree in a terminal, plain lines through a pipe. */
export function showProgress(): Progress {
  const stages = Object.fromEntries(
    STAGE_NAMES.map((stage) => [
      stage,
      { ended: Promise.withResolvers<void>(), retries: 0, summary: '', visits: new Map<string, number>() },
    ]),
  ) as Record<
    Stage,
    { ended: PromiseWithResolvers<void>; retries: number; summary: string; visits: Map<string, number> }
  >;
  let present: Stage = 'Extract';
  let show: (text: string) => void = () => {};

  const list = new Listr(
    STAGE_NAMES.map((stage) => ({
      title: stage,
      task: async (_context: unknown, task: { title: string; output: string }) => {
        show = (text) => {
          task.output = text;
        };
        await stages[stage].ended.promise;
        task.title = titleOf(stage, stages[stage]);
      },
    })),
    {
      concurrent: false,
      exitOnError: true,
      rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: true },
      fallbackRendererOptions: { timer: PRESET_TIMER },
    },
  );
  const running = list.run().catch(() => undefined);

  function enter(state: string) {
    const stage = STAGE_NAMES.find((name) => (STAGES[name] as readonly string[]).includes(state));
    if (!stage) return;
    for (const before of STAGE_NAMES.slice(0, STAGE_NAMES.indexOf(stage))) stages[before].ended.resolve();
    present = stage;
    const { visits } = stages[stage];
    visits.set(state, (visits.get(state) ?? 0) + 1);
    show(state);
  }

  return {
    onEvent(event) {
      if (event.type === 'entered') enter(event.state);
      if (event.type === 'retried') {
        stages[present].retries += 1;
        show(`${event.state}: retry ${event.attempt}`);
      }
      if (event.type === 'failed') show(`${event.state}: ${event.error}`);
    },
    say: (text) => show(text),
    summarize(stage, text) {
      stages[stage].summary = text;
    },
    async end(outcome) {
      if (outcome.status === 'SUCCEEDED') for (const stage of STAGE_NAMES) stages[stage].ended.resolve();
      else stages[present].ended.reject(new Error(`${present}: ${outcome.error}`));
      await running;
    },
  };
}

function titleOf(
  stage: Stage,
  { visits, retries, summary }: { visits: Map<string, number>; retries: number; summary: string },
) {
  const states = [...visits].map(([state, count]) => (count > 1 ? `${state} ×${count}` : state));
  const parts = [summary, states.length > 1 ? states.join(' → ') : '', retries > 0 ? `${retries} retries` : ''];
  return [stage, ...parts.filter(Boolean)].join('  ');
}

import { Listr, PRESET_TIMER } from 'listr2';
import type { MachineEvent, Outcome } from './machine.ts';

/** The stages a person knows, each with the states that belong to it. */
const STAGES = {
  Prepare: ['Prepare'],
  Extract: ['Extract', 'CheckExtract', 'WaitForSpotify', 'CountRound'],
  Transform: ['Transform'],
  Crawl: ['StartCrawler', 'WaitForCrawler', 'GetCrawler', 'CheckCrawler', 'CountPoll'],
  Validate: ['Validate', 'GetValidation', 'CheckValidation'],
  Publish: [
    'Publish',
    'CheckPartial',
    'NotifyPartial',
    'CheckWarnings',
    'NotifyWarnings',
    'CheckConsent',
    'NotifyConsent',
  ],
} as const satisfies Record<string, readonly string[]>;
type StageName = keyof typeof STAGES;
const STAGE_NAMES = Object.keys(STAGES) as StageName[];

interface Stage {
  readonly ended: PromiseWithResolvers<void>;
  /** How often each state was entered, in the order of the first time. */
  readonly visits: Map<string, number>;
  retries: number;
  summary: string;
  latest: string;
  /** Shows a line below the title, once the stage is on display. */
  show: (text: string) => void;
}

export interface Progress {
  /** Feed it what the machine says. */
  onEvent(event: MachineEvent): void;
  /** A line of what the present stage is doing. */
  say(text: string): void;
  /** Ends the display; stages that were not reached are left out. */
  end(outcome: Outcome): Promise<void>;
}

const LONGEST_LINE = 110;

/** The states as a live tree in a terminal, as plain lines through a pipe. */
export function showProgress(): Progress {
  const stages = Object.fromEntries(STAGE_NAMES.map((name) => [name, newStage()])) as Record<StageName, Stage>;
  let present: StageName = 'Prepare';
  const running = list(stages)
    .run()
    .catch(() => undefined);

  function say(text: string, stage: StageName = present) {
    stages[stage].latest = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
    stages[stage].show(stages[stage].latest);
  }

  function enter(state: string) {
    const stage = STAGE_NAMES.find((name) => (STAGES[name] as readonly string[]).includes(state));
    if (!stage) return;
    for (const before of STAGE_NAMES.slice(0, STAGE_NAMES.indexOf(stage))) stages[before].ended.resolve();
    present = stage;
    stages[stage].visits.set(state, (stages[stage].visits.get(state) ?? 0) + 1);
    if (!state.startsWith('Check') && state !== stage) say(state);
  }

  return {
    say,
    onEvent(event) {
      if (event.type === 'entered') enter(event.state);
      if (event.type === 'exited') stages[present].summary ||= summaryOf(event.state, event.output);
      if (event.type === 'failed') say(`${event.state}: ${event.error}`);
      if (event.type !== 'retried') return;
      stages[present].retries += 1;
      say(`${event.state}: retry ${event.attempt}`);
    },
    async end(outcome) {
      if (outcome.status === 'SUCCEEDED') for (const { ended } of Object.values(stages)) ended.resolve();
      else stages[present].ended.reject(new Error(`${present}: ${outcome.error}`));
      await running;
    },
  };
}

const newStage = (): Stage => ({
  ended: Promise.withResolvers<void>(),
  visits: new Map(),
  retries: 0,
  summary: '',
  latest: '',
  show: () => {},
});

const list = (stages: Record<StageName, Stage>) =>
  new Listr(
    STAGE_NAMES.map((name) => ({
      title: name,
      task: async (_context: unknown, task: { title: string; output: string }) => {
        const stage = stages[name];
        stage.show = (text) => {
          task.output = text;
        };
        if (stage.latest) stage.show(stage.latest);
        await stage.ended.promise;
        task.title = titleOf(name, stage);
      },
    })),
    { concurrent: false, rendererOptions: { timer: PRESET_TIMER }, fallbackRendererOptions: { timer: PRESET_TIMER } },
  );

function titleOf(name: StageName, { visits, retries, summary }: Stage): string {
  const tasks = [...visits].filter(([state]) => !state.startsWith('Check') && state !== name);
  const told = tasks.filter(([, count]) => summary === '' || count > 1);
  const states = told.map(([state, count]) => (count > 1 ? `${state} ×${count}` : state)).join(' → ');
  const tried = retries === 0 ? '' : retries === 1 ? '1 retry' : `${retries} retries`;
  return [name, [summary, states, tried].filter(Boolean).join(', ')].filter(Boolean).join('  ');
}

/** The counts that a stage ends with, in words. */
function summaryOf(state: string, output: unknown): string {
  const { extract, transform, validation } = (output ?? {}) as Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
  if (state === 'Extract' && extract?.entries) {
    const again = extract.retries ? `, ${extract.retries} of them again` : '';
    return `${extract.entries} entries of ${extract.playlists} playlists, ${extract.calls} calls${again}`;
  }
  if (state === 'Transform' && transform) {
    const rows = Object.values(transform.rows as Record<string, number>).reduce((sum, count) => sum + count, 0);
    return `${rows} rows, ${transform.rejected} entries rejected`;
  }
  return state === 'GetValidation' && validation ? `${validation.violations} violations` : '';
}

import { allStates, type Definition, type State } from '../../statemachine/definition.ts';
import type { EmbeddedRun } from './embedded.ts';

/**
 * What there is to exercise in a definition, and what a run has exercised. The engine does not say which rule of a
 * Choice or which catcher it took, and two may lead to the same state: so each way out gets a Pass state of its own.
 */

const MARK = ' -> ';
const isMark = (name: string): boolean => name.includes(MARK);

/** The same definition, or items' processor, with a mark on every rule, default and catcher: a Pass state that changes nothing. */
export function withMarks<D extends Pick<Definition, 'States'>>(definition: D): D {
  const marks: Record<string, State> = {};
  const marked = (name: string, Next: string): string => {
    marks[name] = { Type: 'Pass', Next };
    return name;
  };
  const States = Object.fromEntries(
    Object.entries(definition.States).map(([name, state]): [string, State] => [
      name,
      {
        ...state,
        ...(state.ItemProcessor && { ItemProcessor: withMarks(state.ItemProcessor) }),
        ...(state.Default && { Default: marked(`${name}${MARK}default`, state.Default) }),
        ...(state.Choices && {
          Choices: state.Choices.map((rule, i) => ({
            ...rule,
            Next: marked(`${name}${MARK}rule ${i + 1}`, rule.Next),
          })),
        }),
        ...(state.Catch && {
          Catch: state.Catch.map((one, i) => ({ ...one, Next: marked(`${name}${MARK}catcher ${i + 1}`, one.Next) })),
        }),
      },
    ]),
  );
  return { ...definition, States: { ...States, ...marks } };
}

/** A run of the marked definition as if it had no marks. */
export const withoutMarks = (run: EmbeddedRun): EmbeddedRun => ({
  ...run,
  path: run.path.filter((name) => !isMark(name)),
});

const retrier = (state: string, index: number): string => `${state}, retrier ${index + 1}`;

/** Every state, rule, default and catcher; every retrier to recovery, to exhaustion, and by each name it lists. */
export function coveragePoints(definition: Definition): string[] {
  const retries = Object.entries(allStates(definition)).flatMap(([name, { Retry = [] }]) =>
    Retry.flatMap(({ ErrorEquals }, i) =>
      ['recovers', 'is exhausted', ...ErrorEquals].map((point) => `${retrier(name, i)}: ${point}`),
    ),
  );
  return [...Object.keys(allStates(withMarks(definition))), ...retries];
}

/** The points that a run of the marked definition has exercised. */
export function coveredPoints(definition: Definition, run: EmbeddedRun): string[] {
  const used = Map.groupBy(run.retries, ({ state, retrier: index }) => retrier(state, index));
  const retries = Object.entries(allStates(definition)).flatMap(([name, { Retry = [] }]) =>
    Retry.flatMap(({ ErrorEquals, MaxAttempts = 3 }, i) => {
      const uses = used.get(retrier(name, i)) ?? [];
      if (uses.length === 0) return [];
      const isMatch = (error = '') =>
        ErrorEquals.includes(error) || (ErrorEquals.includes('States.TaskFailed') && error !== 'States.Timeout');
      const isCaught = run.path.some((entered) => entered.startsWith(`${name}${MARK}catcher`));
      const isExhausted = isCaught && uses.length === MaxAttempts && isMatch(run.lastErrors.get(name));
      const met = ErrorEquals.filter((listed) =>
        uses.some(({ error }) => error === listed || listed === 'States.TaskFailed'),
      );
      return [...(isCaught ? [] : ['recovers']), ...(isExhausted ? ['is exhausted'] : []), ...met].map(
        (point) => `${retrier(name, i)}: ${point}`,
      );
    }),
  );
  return [...run.path, ...retries];
}

import type { Definition, State } from '../../statemachine/definition.ts';

/**
 * Rules that keep the definition meaning the same on AWS and on the embedded engine (aws-local-stepfunctions 3.0, which
 * departs from AWS elsewhere). Each rule is a function from a definition to its problems.
 */
export type Rule = (definition: Definition) => string[];

const inStates =
  (check: (state: State, name: string, definition: Definition) => string[]): Rule =>
  (definition) =>
    Object.entries(definition.States).flatMap(([name, state]) =>
      check(state, name, definition).map((problem) => `${name}: ${problem}`),
    );

/** Every key and value anywhere in a state, with the key that it stands under. */
function* leaves(value: unknown, key = ''): Generator<readonly [string, unknown]> {
  if (value === null || typeof value !== 'object') yield [key, value];
  else if (Array.isArray(value)) for (const element of value) yield* leaves(element, key);
  else for (const [name, child] of Object.entries(value)) yield* leaves(child, name);
}

const intrinsics = (value: unknown): string[] =>
  [...leaves(value)].flatMap(([key, leaf]) =>
    key.endsWith('.$') && typeof leaf === 'string' && leaf.startsWith('States.') ? [leaf] : [],
  );

/** A rule of a Choice with all that stands in And, Or and Not flattened, in order. */
function comparisons(rule: unknown): Record<string, unknown>[] {
  if (rule === null || typeof rule !== 'object') return [];
  const { And, Or, Not } = rule as Record<string, unknown>;
  if (Array.isArray(And)) return And.flatMap(comparisons);
  if (Array.isArray(Or)) return Or.flatMap(comparisons);
  return Not ? comparisons(Not) : [rule as Record<string, unknown>];
}

const choiceComparisons = (state: State) => (state.Choices ?? []).flatMap(comparisons);

/** Paths that are not always there: they may only be compared behind an IsPresent of the same rule. */
const OPTIONAL_PATHS = /^\$\.(crawler\.details\.LastCrawl|failure\.Cause)/;

/** What comes from outside and may hold anything. */
const OUTSIDE = /\$\.(failure|input)|\$\$\.Execution\.Input/;

const isNumberExpression = (expression: unknown) =>
  typeof expression === 'number' || /^States\.(MathAdd|StringToJson|ArrayLength)\(/.test(String(expression));

/** All that is ever assigned to a field of this name, in Parameters, ResultSelector and Result. */
function assignments({ States }: Definition, field: string): unknown[] {
  return Object.values(States).flatMap((state) => {
    const { Parameters, ResultSelector, Result } = state as State & { ResultSelector?: unknown; Result?: unknown };
    return [...leaves([Parameters, ResultSelector, Result])].flatMap(([key, value]) =>
      key === field || key === `${field}.$` ? [value] : [],
    );
  });
}

export const RULES: Readonly<Record<string, Rule>> = {
  'a Pass never has a Result that is false, 0, "" or null': inStates((state) =>
    'Result' in state && !state.Result ? ['its Result is ignored by the engine'] : [],
  ),
  'no ResultPath is "$"': inStates((state) =>
    'ResultPath' in state && state.ResultPath === '$' ? ['writes a key named $'] : [],
  ),
  'type tests are never false': inStates((state) =>
    choiceComparisons(state).flatMap((comparison) =>
      Object.entries(comparison).flatMap(([key, value]) =>
        key.startsWith('Is') && value === false ? [`${key}: false`] : [],
      ),
    ),
  ),
  'Numeric comparisons are of numbers': inStates((state, _name, definition) =>
    choiceComparisons(state).flatMap((comparison) => {
      if (!Object.keys(comparison).some((key) => key.startsWith('Numeric'))) return [];
      const field = String(comparison.Variable).split('.').at(-1) ?? '';
      const assigned = assignments(definition, field);
      return assigned.length > 0 && assigned.every(isNumberExpression)
        ? []
        : [`${comparison.Variable} may be a string`];
    }),
  ),
  'text from outside is never formatted': inStates((state) =>
    intrinsics(state).flatMap((call) =>
      call.includes('States.JsonToString') || (call.includes('States.Format') && OUTSIDE.test(call)) ? [call] : [],
    ),
  ),
  'intrinsics hold no escaped quote and balanced parentheses': inStates((state) =>
    intrinsics(state).flatMap((call) => {
      const literals = call.match(/'[^']*'/g) ?? [];
      const isBalanced = literals.every((text) => text.split('(').length === text.split(')').length);
      return call.includes("\\'") || !isBalanced ? [call] : [];
    }),
  ),
  'the context object is read for the execution only': inStates((state) =>
    [...leaves(state)].flatMap(([, value]) => {
      const paths = typeof value === 'string' ? (value.match(/\$\$\.[\w.]+/g) ?? []) : [];
      return paths.filter((path) => !/^\$\$\.Execution\.(Id|Name|StartTime|Input)$/.test(path));
    }),
  ),
  'every Task and the machine have TimeoutSeconds': (definition) => [
    ...(definition.TimeoutSeconds > 0 ? [] : ['the machine has none']),
    ...inStates((state) => (state.Type === 'Task' && !('TimeoutSeconds' in state) ? ['none'] : []))(definition),
  ],
  'optional fields stand behind IsPresent': inStates((state) =>
    (state.Choices ?? []).flatMap((rule) => {
      const present = new Set<unknown>();
      return comparisons(rule).flatMap((comparison) => {
        if (comparison.IsPresent) present.add(comparison.Variable);
        const isOptional = OPTIONAL_PATHS.test(String(comparison.Variable));
        return isOptional && !present.has(comparison.Variable) ? [`${comparison.Variable} may be absent`] : [];
      });
    }),
  ),
  'no Fail is named as the States errors are': inStates((state) =>
    'Error' in state && String(state.Error).startsWith('States.') ? [String(state.Error)] : [],
  ),
  'every Task catches everything and keeps its input': inStates((state) => {
    if (state.Type !== 'Task') return [];
    const last = (state.Catch ?? []).at(-1) as { ErrorEquals: string[]; ResultPath?: unknown } | undefined;
    if (!last?.ErrorEquals.includes('States.ALL')) return ['a failure would go uncaught'];
    return last.ResultPath === undefined ? ['its catcher throws the input away'] : [];
  }),
  'placeholders stand for the whole name inside strings': inStates((state) =>
    [...leaves(state)].flatMap(([key]) => (key.includes('${') ? [`${key} is a key`] : [])),
  ),
};

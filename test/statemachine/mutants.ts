import type { Definition } from '../../statemachine/definition.ts';

/** A definition with one fault, as a slip of the hand would make it. */
export interface Mutant {
  readonly name: string;
  /** The state with the fault; absent when it is the machine's. */
  readonly state?: string;
  /** The field of the state that the fault is in or below. */
  readonly field?: string;
  readonly definition: Definition;
}

type Json = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** Another value at a place of a state; none: what is there is left out. */
interface Fault {
  readonly what: string;
  readonly at: Path;
  readonly value?: unknown;
}

/** Every fault of every kind, in every place where it can be made. */
export function mutantsOf(definition: Definition): Mutant[] {
  return [
    { name: 'the machine: no TimeoutSeconds', definition: { ...definition, TimeoutSeconds: 0 } },
    ...Object.entries(definition.States).flatMap(([state, json]) =>
      faultsIn(json, [], definition).map(({ what, at, value }) => ({
        name: `${state}: ${at.join('.')} ${what}`,
        state,
        field: String(at[0]),
        definition: {
          ...definition,
          States: { ...definition.States, [state]: withFault(json, at, value) },
        } as Definition,
      })),
    ),
  ];
}

function withFault(json: unknown, [step, ...rest]: Path, value: unknown): unknown {
  const child = (json as Record<string | number, unknown>)[step ?? ''];
  const next = rest.length > 0 ? withFault(child, rest, value) : value;
  if (Array.isArray(json)) {
    return next === undefined ? json.toSpliced(Number(step), 1) : json.with(Number(step), next);
  }
  const { [step as string]: _, ...others } = json as Json;
  return next === undefined ? others : { ...(json as Json), [step as string]: next };
}

function faultsIn(json: unknown, path: Path, definition: Definition): Fault[] {
  if (json === null || typeof json !== 'object') return [];
  const entries: [string | number, unknown][] = Array.isArray(json) ? [...json.entries()] : Object.entries(json);
  return entries.flatMap(([key, value]) => {
    const at = [...path, key];
    const own = isData(path) ? dataFaults(at, value) : flowFaults(at, value, json as Json, definition);
    return [...own, ...faultsIn(value, at, definition)];
  });
}

/** What a state makes and sends: each field left out, and each text, number and intrinsic changed. */
const isData = ([field]: Path): boolean => ['Parameters', 'ResultSelector', 'Result'].includes(String(field));

function dataFaults(at: Path, value: unknown): Fault[] {
  const text = String(value)
    .replace(', 1)', ', 2)')
    .replace(/^[^$S]/, 'x$&');
  const changed = typeof value === 'number' ? value + 1 : text;
  const isChanged = (typeof value === 'string' && text !== value) || typeof value === 'number';
  return [{ what: 'left out', at }, ...(isChanged ? [{ what: 'changed', at, value: changed }] : [])];
}

const LEFT_OUT = ['TimeoutSeconds', 'ResultPath', 'ErrorPath', 'CausePath', 'Default', 'Catch', 'Retry'];
const LISTS = ['Choices', 'And', 'Or', 'Catch', 'Retry'];

function flowFaults(at: Path, value: unknown, parent: Json, definition: Definition): Fault[] {
  const key = at.at(-1) as string | number;
  const isListed = typeof key === 'number' && LISTS.includes(String(at.at(-2)));
  return [
    ...(isListed || LEFT_OUT.includes(String(key)) ? [{ what: 'left out', at }] : []),
    ...otherValues(String(key), value, definition).map((other) => ({
      what: `is ${JSON.stringify(other)}`,
      at,
      value: other,
    })),
    ...(Array.isArray(value) ? swaps(String(key), value, at) : []),
    ...renamed(String(key), value).map((fields) => ({
      what: `is ${Object.keys(fields)}`,
      at: at.slice(0, -1),
      value: { ...Object.fromEntries(Object.entries(parent).filter(([other]) => other !== key)), ...fields },
    })),
    ...(at.at(-2) === 'ErrorEquals' && value !== 'States.ALL' ? [{ what: 'misspelt', at, value: `${value}s` }] : []),
  ];
}

/** By key, what else might stand there. */
function otherValues(key: string, value: unknown, { States }: Definition): unknown[] {
  const number = Number(value);
  if (key === 'Next')
    return [States[String(value)]?.Next, States[String(value)]?.Default].filter((next) => next !== undefined);
  if (key === 'Default') return [States[String(value)]?.Next].filter((next) => next !== undefined);
  if (key === 'MaxAttempts' || key.startsWith('Numeric')) return [number - 1, number + 1];
  if (key === 'StringEquals') return [`${value}x`];
  if (key === 'ResultPath') return value === null ? ['$.failure'] : [null, `${value}2`];
  if (key === 'TimestampPath') return ['$.retryAt'];
  if (key === 'ErrorPath' || key === 'CausePath') return ['$.failure'];
  if (key === 'ErrorEquals' && String(value) === 'States.ALL') return [['States.TaskFailed']];
  if (key === 'Resource' && String(value).endsWith('.sync')) return [String(value).replace('.sync', '')];
  return [];
}

/** By key of a comparison, which operators it might be taken for. */
function renamed(key: string, value: unknown): Json[] {
  if (key === 'And') return [{ Or: value }];
  if (key === 'Or') return [{ And: value }];
  if (key === 'Not') return [value as Json];
  if (key === 'NumericEquals') return [{ StringEquals: String(value) }];
  if (key === 'NumericGreaterThanEquals') return [{ NumericGreaterThan: value }, { NumericLessThanEquals: value }];
  if (key !== 'TimestampGreaterThanEqualsPath') return [];
  return ['TimestampGreaterThanPath', 'TimestampLessThanEqualsPath', 'StringGreaterThanEqualsPath'].map((other) => ({
    [other]: value,
  }));
}

/** Neighbours in a list whose order matters, exchanged. */
function swaps(key: string, list: readonly unknown[], at: Path): Fault[] {
  return list.slice(1).flatMap((second, i) => {
    const first = list[i];
    if (key === 'Choices' ? excludeEachOther(first as Json, second as Json) : !isWildcard(key, second)) return [];
    return [{ what: `${i} and ${i + 1} swapped`, at, value: list.toSpliced(i, 2, second, first) }];
  });
}

/** Retriers that list different errors may stand in any order, but not one that takes all that are left. */
const isWildcard = (key: string, retrier: unknown): boolean =>
  key === 'Retry' && (retrier as { ErrorEquals: string[] }).ErrorEquals.includes('States.TaskFailed');

/** Whether both rules ask the same text to be another one: then their order makes no difference. */
function excludeEachOther(a: Json, b: Json): boolean {
  const texts = (rule: Json): Json[] => (Array.isArray(rule.And) ? rule.And.flatMap(texts) : [rule]);
  return texts(a).some(({ Variable, StringEquals }) =>
    texts(b).some(
      (other) => other.Variable === Variable && StringEquals !== undefined && other.StringEquals !== StringEquals,
    ),
  );
}

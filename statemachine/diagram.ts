import type { Definition, State } from './definition.ts';

/** Draws the state machine as a Mermaid flowchart: what runs where, what loops, and how every failure ends. */
export function drawDiagram({ StartAt, States }: Definition): string {
  const names = Object.keys(States);
  return [
    'flowchart TD',
    `  start((start)) --> ${StartAt}`,
    ...names.map((name) => `  ${node(name, States[name] as State)}`),
    ...names.flatMap((name) => edges(name, States[name] as State).map((edge) => `  ${edge}`)),
    '  classDef failure fill:#fde8e8,stroke:#c53030,color:#1a202c',
    '  classDef success fill:#e6f6ec,stroke:#2f855a,color:#1a202c',
    '  classDef task fill:#e8f0fe,stroke:#2b6cb0,color:#1a202c',
    `  class ${leadingTo(States, 'Fail').join(',')} failure`,
    `  class ${names.filter((name) => States[name]?.Type === 'Succeed').join(',')} success`,
    `  class ${names.filter((name) => States[name]?.Type === 'Task' && !leadsOnlyToFail(States, name)).join(',')} task`,
  ].join('\n');
}

const BRACKETS: Record<State['Type'], [string, string]> = {
  Task: ['[', ']'],
  Map: ['[[', ']]'],
  Pass: ['(', ')'],
  Choice: ['{', '}'],
  Wait: ['[/', '/]'],
  Succeed: ['([', '])'],
  Fail: ['([', '])'],
};

function node(name: string, { Type, Resource }: State): string {
  const [open, close] = BRACKETS[Type];
  const service = Resource?.replace('arn:aws:states:::', '').replace('aws-sdk:', '');
  return `${name}${open}"${service ? `${name}<br/><small>${service}</small>` : name}"${close}`;
}

function edges(name: string, state: State): string[] {
  const labels = new Map<string, string[]>();
  const choose = (target: string, label: string) => labels.set(target, [...(labels.get(target) ?? []), label]);
  for (const rule of state.Choices ?? []) choose(rule.Next, ruleLabel(rule));
  if (state.Default) choose(state.Default, 'else');
  const choices = [...labels].map(([target, some]) => `${name} -- "${some.join(' or<br/>')}" --> ${target}`);
  const next = state.Next ? [`${name} --> ${state.Next}`] : [];
  const caught = (state.Catch ?? []).map(({ Next }) => `${name} -. "failed" .-> ${Next}`);
  return [...choices, ...next, ...caught.filter((edge) => !edge.endsWith(`> ${state.Next}`))];
}

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/GreaterThanEquals/, '≥'],
  [/GreaterThan/, '>'],
  [/LessThanEquals/, '≤'],
  [/LessThan/, '<'],
  [/Equals/, '='],
];

type Rule = Readonly<Record<string, unknown>>;

/** `extract.status = wait`; type tests are left out where a comparison says the same. */
function ruleLabel(rule: Rule): string {
  if (rule.Not) return negated(rule.Not as Rule);
  const parts = (rule.And ?? rule.Or ?? [rule]) as Rule[];
  const labels = parts.map((part) => (part.Variable ? comparison(part) : ruleLabel(part)));
  const compared = labels.filter((label) => !label.endsWith(' is given'));
  return (compared.length > 0 ? compared : labels.slice(0, 1)).join(rule.Or ? ' or<br/>' : ' and<br/>');
}

const OPPOSITES: Readonly<Record<string, string>> = { '=': '≠', '≥': '<', '>': '≤', '≤': '>', '<': '≥' };

/** One comparison is turned round, several are denied together. */
function negated(rule: Rule): string {
  const label = ruleLabel(rule);
  const turned = label.includes('<br/>') ? label : label.replace(/ ([=≥>≤<]) /, (_, sign) => ` ${OPPOSITES[sign]} `);
  return turned === label ? `not: ${label}` : turned;
}

function comparison(part: Rule): string {
  const variable = last(String(part.Variable));
  const [operator, value] = Object.entries(part).find(([key]) => key !== 'Variable' && key !== 'Next') ?? ['', ''];
  const sign = SIGNS.find(([pattern]) => pattern.test(operator))?.[1];
  if (!sign) return `${variable} is given`;
  return `${variable} ${sign} ${operator.endsWith('Path') ? last(String(value)) : String(value) || 'empty'}`;
}

/** Short, since a label that is wide hides the one beside it. */
const last = (path: string): string => path.split('.').at(-1) ?? path;

/** States from which every way leads to a Fail state, and the Fail states themselves. */
function leadingTo(states: Definition['States'], type: State['Type']): string[] {
  const found = new Set(Object.keys(states).filter((name) => states[name]?.Type === type));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [name, state] of Object.entries(states)) {
      const targets = targetsOf(state);
      if (targets.length > 0 && targets.every((target) => found.has(target))) found.add(name);
    }
  }
  return Object.keys(states).filter((name) => found.has(name));
}

const leadsOnlyToFail = (states: Definition['States'], name: string) => leadingTo(states, 'Fail').includes(name);

const targetsOf = ({ Next, Default, Choices = [], Catch = [] }: State): string[] =>
  [Next, Default, ...Choices.map((rule) => rule.Next), ...Catch.map((catcher) => catcher.Next)].filter(
    (target) => target !== undefined,
  );

import { readFileSync } from 'node:fs';

/**
 * `MockConfigFile.json` is in Step Functions Local's own format, which has no place for inputs and expectations: those
 * stand in `scenarios.json`, by the name of the case. Each answer is numbered by the call of its state in one execution;
 * retries and loops count alike. Source: Step Functions developer guide, "Using mocked service integrations".
 */

export interface MockConfig {
  readonly StateMachines: Readonly<Record<string, { readonly TestCases: Readonly<Record<string, TestCase>> }>>;
  readonly MockedResponses: Readonly<Record<string, Readonly<Record<string, Answer>>>>;
}

/** Response IDs by Task state. A state that is not named may not be called. */
type TestCase = Readonly<Record<string, string>>;

export type Answer =
  | { readonly Return: unknown; readonly Throw?: never }
  | { readonly Throw: { readonly Error: string; readonly Cause: string }; readonly Return?: never };

export const MOCK_CONFIG_FILE = new URL('MockConfigFile.json', import.meta.url);

export const readMockConfig = (file = MOCK_CONFIG_FILE): MockConfig => JSON.parse(readFileSync(file, 'utf8'));

/** The answers of one response ID in the order of the calls: `{"0": a, "1-2": b}` is a, b, b. Throws for a gap. */
export function answersInOrder(numbered: Readonly<Record<string, Answer>>): Answer[] {
  const ranges = Object.entries(numbered)
    .map(([range, answer]) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      return { range, first, last, answer };
    })
    .sort((a, b) => a.first - b.first);
  const answers: Answer[] = [];
  for (const { range, first, last, answer } of ranges) {
    if (first !== answers.length || !(last >= first))
      throw new Error(`"${range}" does not follow ${answers.length - 1}`);
    for (let call = first; call <= last; call += 1) answers.push(answer);
  }
  return answers;
}

/** What is asked of a mocked execution. `problems` says of each call that the table has no answer for. */
export interface Mocks {
  readonly next: (state: string) => Answer;
  readonly problems: readonly string[];
}

/** The answers for one execution of a case. A call without an answer is answered by an error, and is a problem. */
export function startMocks(config: MockConfig, machine: string, name: string): Mocks {
  const testCase = config.StateMachines[machine]?.TestCases[name];
  if (!testCase) throw new Error(`MockConfigFile.json: ${machine} has no case ${name}`);
  const answers = new Map(
    Object.entries(testCase).map(([state, id]) => [state, answersInOrder(config.MockedResponses[id] ?? {})]),
  );
  const calls = new Map<string, number>();
  const problems: string[] = [];
  return {
    problems,
    next: (state) => {
      const call = calls.get(state) ?? 0;
      calls.set(state, call + 1);
      const answer = answers.get(state)?.[call];
      if (answer) return answer;
      problems.push(`${state}: no answer for call ${call} (${testCase[state] ?? 'the case does not name the state'})`);
      return { Throw: { Error: 'NoMockedResponse', Cause: `${state}, call ${call}` } };
    },
  };
}

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandError } from './command-error.ts';

/** Standard input: a terminal when `isTTY` is set. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

interface Terminal {
  readonly stdin: Input;
  readonly stderr: Pick<Writable, 'write'>;
}

export interface Question {
  readonly text: string;
  /** Nothing that is typed is shown. */
  readonly hidden?: boolean;
}

/**
 * Asks one question after the other and gives the answers, trimmed. Questions go to stderr, so that stdout stays an
 * answer. The next question begins within the same tick as the last one's end: whoever pastes three lines at once has
 * each of them shown or hidden as its own question says.
 */
export async function askAll(questions: readonly Question[], { stdin, stderr }: Terminal): Promise<string[]> {
  const answers: string[] = [];
  const current = () => questions[answers.length];
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!current()?.hidden) stderr.write(String(chunk));
      done();
    },
  });
  // In terminal mode it is readline that echoes, not the terminal: what is not handed on is not shown.
  const lines = createInterface({ input: stdin, output: shown, terminal: true, historySize: 0 });
  const begin = () => {
    const { text = '', hidden } = current() ?? {};
    if (hidden) stderr.write(text);
    lines.setPrompt(hidden ? '' : text);
    lines.prompt();
  };
  try {
    return await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        if (current()?.hidden) stderr.write('\n');
        answers.push(line.trim());
        if (answers.length < questions.length) begin();
        else resolve(answers);
      });
      lines.on('SIGINT', () => reject(new CommandError('Cancelled: nothing was changed.')));
      lines.on('close', () => reject(new CommandError('The input ended before the last answer: nothing was changed.')));
      begin();
    });
  } finally {
    lines.close();
  }
}

export async function ask(text: string, terminal: Terminal): Promise<string> {
  const [answer = ''] = await askAll([{ text }], terminal);
  return answer;
}

/** Yes only for y or yes. Somebody who is not at a terminal is not asked: `otherwise` names the option to give. */
export async function confirm(question: string, terminal: Terminal, otherwise: string): Promise<boolean> {
  if (!terminal.stdin.isTTY) throw new CommandError(`${question} There is no terminal to ask on: give ${otherwise}.`);
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `, terminal));
}

/** All of standard input, as it is piped in. */
export const readAll = (stdin: Input): Promise<string> => text(stdin);

import type { AthenaEngine } from './local/athena/engine.ts';
import { formatResult } from './local/result-format.ts';
import { READERS_DATABASE } from './reader-views.ts';

const QUERY_AND_ANSWER = /```sql\n(.*?)```\n(?:\n```text\n.*?```\n)?/gs;

/** The SQL of every example in `docs/queries.md`, in order. */
export const exampleQueries = (page: string): string[] =>
  [...page.matchAll(QUERY_AND_ANSWER)].map(([, sql = '']) => sql);

/** The page with each query's present answer below it. */
export async function withAnswers(page: string, athena: Pick<AthenaEngine, 'query'>): Promise<string> {
  const answers = new Map<string, string>();
  for (const sql of exampleQueries(page)) {
    const result = await athena.query({ sql, database: READERS_DATABASE });
    const lines = formatResult(result, 'table').trimEnd().split('\n');
    answers.set(sql, lines.map((line) => line.trimEnd()).join('\n'));
  }
  return page.replace(
    QUERY_AND_ANSWER,
    (_, sql: string) => `\`\`\`sql\n${sql}\`\`\`\n\n\`\`\`text\n${answers.get(sql)}\n\`\`\`\n`,
  );
}

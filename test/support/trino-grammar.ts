import { registerHooks } from 'node:module';
import { parentPort } from 'node:worker_threads';

// dt-sql-parser's modules name each other without `/index.js` or `.js`, which Node by itself does not accept.
registerHooks({
  resolve(specifier, context, nextResolve) {
    for (const ending of ['', '.js', '/index.js']) {
      try {
        return nextResolve(specifier + ending, context);
      } catch (error) {
        if (!specifier.startsWith('.') || ending === '/index.js') throw error;
      }
    }
    throw new Error(`cannot resolve ${specifier}`);
  },
});

const { TrinoSQL } = await import('dt-sql-parser');
const grammar = new TrinoSQL();

/**
 * A worker: it takes SQL and answers with what Trino's grammar has against it, one line a mistake. Inside Jest's own
 * context the same work takes several times as long, because every look at a
 * global is intercepted there.
 */
parentPort?.on('message', (sql: string) => {
  const errors = grammar.validate(sql);
  parentPort?.postMessage(
    errors.map(({ startLine, startColumn, message }) => `${startLine}:${startColumn} ${message}`),
  );
});

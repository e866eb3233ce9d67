import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs the CDK's command line from node_modules on this terminal, by the Node that runs us, which is the pinned one.
 * The CDK starts `node infra/app.ts` itself: that has to find the same Node first. Resolves to the exit code.
 */
export async function runCdk(args: readonly string[], env: Record<string, string>): Promise<number> {
  const path = [dirname(process.execPath), process.env.PATH].filter(Boolean).join(':');
  const child = spawn(process.execPath, [join(root, 'node_modules/aws-cdk/bin/cdk'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, PATH: path },
  });
  // Ctrl-C reaches the CDK by the terminal; it cleans up and ends, and then we do.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    process.off('SIGINT', ignore);
  }
}

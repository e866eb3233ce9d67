import { spawn } from 'node:child_process';
import { mkdtempSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonTool } from '../../support/python-tool.ts';

/** An independent implementation of AWS's APIs (MIT licence, Python, no Docker), from the Python package index. */
const PACKAGE = 'ministack==1.5.33';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';

export interface Emulator {
  readonly url: string;
  /** The environment in which the AWS SDK and the CDK's command line talk to the emulator and to nobody else. */
  readonly environment: Record<string, string>;
  readonly logFile: string;
  stop(): void;
}

/** Installs the emulator when it is not there, and starts it on a free port of this machine alone. */
export async function startEmulator(): Promise<Emulator> {
  const bin = pythonTool('ministack', PACKAGE);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'ministack-'));
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'w');
  const child = spawn(join(bin, 'ministack'), {
    stdio: ['ignore', log, log],
    detached: true,
    env: {
      // It runs the bundles in the Node that it finds first: the one that runs this.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      MINISTACK_REGION: REGION,
      STATE_DIR: folder,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  await answering(`${url}/_ministack/health`, logFile);
  return { url, logFile, stop, environment: environmentFor(url) };
}

const environmentFor = (url: string) => ({
  AWS_ENDPOINT_URL: url,
  AWS_ENDPOINT_URL_S3: url,
  AWS_ACCESS_KEY_ID: ACCOUNT,
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
  // No configuration of this machine's user may lead elsewhere.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});

async function answering(url: string, logFile: string) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error(`the emulator does not answer at ${url}; its log is ${logFile}`);
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

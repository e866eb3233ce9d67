import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MOCK_CONFIG_FILE } from './mocks.ts';

/** A Step Functions Local that answers at the endpoint. It reads the mocks once, at its start. */
export interface Engine {
  readonly endpoint: string;
  readonly stop: () => void;
}

const IMAGE = 'amazon/aws-stepfunctions-local';
const PORT = 8083;
const mocks = fileURLToPath(MOCK_CONFIG_FILE);

/**
 * Step Functions Local by `SFN_ENDPOINT` (started by the user, with `SFN_MOCK_CONFIG` set to our file), by the jar at
 * `SFN_LOCAL_JAR`, or by Docker, in this order. A text where there is none: why. Throws for a jar that is not there.
 */
export function startEngine({ SFN_ENDPOINT, SFN_LOCAL_JAR }: NodeJS.ProcessEnv): Engine | string {
  if (SFN_ENDPOINT) return { endpoint: SFN_ENDPOINT, stop: () => {} };
  if (SFN_LOCAL_JAR) {
    if (!existsSync(SFN_LOCAL_JAR)) throw new Error(`SFN_LOCAL_JAR: there is no file ${SFN_LOCAL_JAR}`);
    return running(spawn('java', ['-jar', SFN_LOCAL_JAR], { env: { ...process.env, SFN_MOCK_CONFIG: mocks } }));
  }
  const answers = (...args: string[]) => spawnSync('docker', args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
  if (!answers('info')) return 'set SFN_ENDPOINT or SFN_LOCAL_JAR, or start Docker';
  if (!answers('image', 'inspect', IMAGE) && !answers('pull', IMAGE)) return `Docker cannot get ${IMAGE}`;
  const inside = '/home/StepFunctionsLocal/MockConfigFile.json';
  const mount = ['-v', `${mocks}:${inside}:ro`, '-e', `SFN_MOCK_CONFIG=${inside}`];
  return running(spawn('docker', ['run', '--rm', '--init', '-p', `${PORT}:${PORT}`, ...mount, IMAGE]));
}

function running(child: ChildProcess): Engine {
  child.on('error', (error) => console.error(`Step Functions Local does not start: ${error.message}`));
  child.stdout?.resume();
  child.stderr?.resume();
  return { endpoint: `http://127.0.0.1:${PORT}`, stop: () => void child.kill() };
}

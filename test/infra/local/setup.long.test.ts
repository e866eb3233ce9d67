import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

/** Newer than any Node there is, so that the Node that runs the test does not do in its place. */
const TOO_NEW = '999.0.0';
const SETUP = new URL('../../../infra/local/setup.js', import.meta.url).pathname;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'setup-'));
  await mkdir(join(root, 'infra/local'), { recursive: true });
  await copyFile(SETUP, join(root, 'infra/local/setup.js'));
  await write('package.json', '{"type":"module"}');
  await write('package-lock.json', lock({ node: TOO_NEW, zod: '4.6.7' }));
  await write('npm-cli.js', FAKE_NPM);
  await write('program.js', 'console.log(process.argv.slice(2).join()); process.exitCode = 7');
});
afterEach(() => rm(root, { recursive: true, force: true }));

/**
 * Notes how it was called; `ci` installs what INSTALLS says, `rebuild` fetches Node unless NO_NODE says otherwise. The
 * shell stands for the user's Node, because it starts in a hundredth of the time.
 */
const FAKE_NPM = `
  echo "$RUN_BY$*" >> calls
  echo chatter
  mkdir -p node_modules/node/bin
  if [ "$1" = ci ] && [ -n "$INSTALLS" ]; then printf %s "$INSTALLS" > node_modules/.package-lock.json; fi
  if [ "$1" = rebuild ] && [ -z "$NO_NODE" ]; then
    printf %s "$NODE_BINARY" > node_modules/node/bin/node
    chmod +x node_modules/node/bin/node
  fi
  if [ "$1" = ci ]; then exit "\${CI_EXIT:-0}"; fi`;

/** What runs `--version`, and nothing else that matters. */
const NODE_BINARY = '#!/bin/sh';

const lock = (versions: Record<string, string>): string =>
  JSON.stringify({
    packages: {
      '': {},
      ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }])),
      'node_modules/of-another-platform': { version: '1.0.0', optional: true },
    },
  });

async function write(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
  await chmod(join(root, path), mode);
}

async function install(versions: Record<string, string>): Promise<void> {
  await write('node_modules/.package-lock.json', lock(versions));
  await write('node_modules/node/bin/node', NODE_BINARY, 0o755);
}

async function setUp(environment: Record<string, string> = {}, ...program: string[]) {
  const env = {
    INSTALLS: lock({ node: TOO_NEW, zod: '4.6.7' }),
    NODE_BINARY,
    ...process.env,
    ...npm(),
    ...environment,
  };
  const file = join(root, 'infra/local/setup.js');
  const [code, stdout, stderr] = await new Promise<[unknown, string, string]>((done) => {
    execFile(process.execPath, [file, ...program], { env, cwd: tmpdir() }, (error, out, err) =>
      done([error?.code ?? 0, out, err]),
    );
  });
  const calls = await readFile(join(root, 'calls'), 'utf8').catch(() => '');
  return { code, stdout, stderr, calls: calls.trim().split('\n').filter(Boolean) };
}

const npm = () => ({ npm_execpath: join(root, 'npm-cli.js'), npm_node_execpath: '/bin/sh' });
const commands = (calls: readonly string[]) => calls.map((call) => call.split(' ')[0]);

describe('node_modules', () => {
  test('that agrees with the lock file is left alone, in silence', async () => {
    await install({ node: TOO_NEW, zod: '4.6.7', 'not-locked': '1.0.0' });
    expect(await setUp()).toEqual({ code: 0, stdout: '', stderr: '', calls: [] });
  });

  test.each([
    ['is not there', () => Promise.resolve()],
    ['holds another version', () => install({ node: TOO_NEW, zod: '4.0.0' })],
    ['lacks a package', () => install({ node: TOO_NEW })],
    ['was left by an npm that was cut off', () => write('node_modules/.package-lock.json', '{"packages":{"nod')],
  ])('that %s is installed, and stdout stays clean', async (_, before) => {
    await before();
    const { code, stdout, stderr, calls } = await setUp();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).not.toBe('');
    expect(commands(calls)[0]).toBe('ci');
    expect(await setUp()).toMatchObject({ code: 0, stderr: '', calls });
  });

  test('is installed with everything, whatever the user leaves out elsewhere', async () => {
    const { calls } = await setUp({ NODE_ENV: 'production' });
    expect(calls[0]?.split(' ')).toEqual(expect.arrayContaining(['--include=dev', '--include=optional']));
  });

  test('that npm cannot install ends it with 1 and the remedy, before the program', async () => {
    const { code, stdout, stderr } = await setUp({ CI_EXIT: '2', INSTALLS: '' }, join(root, 'program.js'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('npm ci');
  });

  test('that is not as locked although npm ci succeeds ends it with 1 and names the package', async () => {
    const { code, stderr } = await setUp({ INSTALLS: lock({ node: TOO_NEW }) });
    expect(code).toBe(1);
    expect(stderr).toContain('node_modules/zod');
  });
});

describe('the npm that is called', () => {
  test("runs by the user's own Node, not by the one that is being replaced", async () => {
    await write('own-node', '#!/bin/sh\nRUN_BY=own: exec /bin/sh "$@"\n', 0o755);
    const { calls } = await setUp({ npm_node_execpath: join(root, 'own-node') });
    expect(calls[0]).toMatch(/^own:ci /);
  });

  test('is the one on the path when another package manager or nobody ran the script', async () => {
    await write('bin/npm', `#!/bin/sh\nRUN_BY=path: exec /bin/sh '${join(root, 'npm-cli.js')}' "$@"\n`, 0o755);
    const PATH = `${join(root, 'bin')}${delimiter}${process.env.PATH}`;
    const { code, calls } = await setUp({ PATH, npm_execpath: '/opt/pnpm/bin/pnpm.cjs' });
    expect(code).toBe(0);
    expect(calls[0]).toMatch(/^path:ci /);
  });
});

describe('the pinned Node', () => {
  test('is fetched when npm ran no install scripts, and only then', async () => {
    await write('node_modules/.package-lock.json', lock({ node: TOO_NEW, zod: '4.6.7' }));
    const { code, calls } = await setUp();
    expect({ code, commands: commands(calls) }).toEqual({ code: 0, commands: ['rebuild'] });
    expect(calls[0]).toContain('--ignore-scripts=false');
    expect((await setUp()).calls).toEqual(calls);
  });

  test('that cannot be fetched ends it with 1 and the remedy', async () => {
    const { code, stderr } = await setUp({ NO_NODE: 'yes' });
    expect(code).toBe(1);
    expect(stderr).toContain(TOO_NEW);
  });

  test("is not needed when the user's own is as new", async () => {
    const versions = { node: process.versions.node, zod: '4.6.7' };
    await write('package-lock.json', lock(versions));
    await write('node_modules/.package-lock.json', lock(versions));
    const { code, stdout, calls } = await setUp({ NO_NODE: 'yes' }, join(root, 'program.js'));
    expect({ code, stdout, calls }).toEqual({ code: 7, stdout: '\n', calls: [] });
  });

  test('that does not run on this system ends it with 1', async () => {
    const { code, stderr } = await setUp({ NODE_BINARY: '#!/bin/sh\nexit 127\n' });
    expect(code).toBe(1);
    expect(stderr).toContain('node_modules/node/bin/node');
  });
});

test('the program gets its arguments and stdout, runs by the pinned Node, and its exit code is the outcome', async () => {
  await install({ node: TOO_NEW, zod: '4.6.7' });
  await write('node_modules/node/bin/node', `#!/bin/sh\nexec '${process.execPath}' "$@" pinned\n`, 0o755);
  const { code, stdout } = await setUp({}, join(root, 'program.js'), '--format', 'a b');
  expect({ code, stdout }).toEqual({ code: 7, stdout: '--format,a b,pinned\n' });
});

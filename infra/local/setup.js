/**
 * `node infra/local/setup.js [program] [arguments]`: makes node_modules agree with package-lock.json, which takes a few
 * milliseconds when it already does, then runs the program, if one is given, by the pinned Node.
 *
 * Plain JavaScript without dependencies, for Node 18 and later: it runs before anything is installed, by whatever Node
 * there is. Says what it does on stderr only, because stdout belongs to the program.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const pinnedNode = join(root, 'node_modules/node/bin/node');

const packagesIn = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;

/** What npm last installed, by its own account. It writes that last, so an install that was cut off has none. */
function installedPackages() {
  try {
    return packagesIn('node_modules/.package-lock.json');
  } catch {
    return {};
  }
}

/** The first package that is not as locked; undefined when all are. Optional ones are those of other platforms. */
function firstDifference(locked) {
  const installed = installedPackages();
  const differs = ([path, { version, optional }]) =>
    path !== '' && (installed[path] ? installed[path].version !== version : !optional);
  return Object.entries(locked).find(differs)?.[0];
}

/**
 * Runs npm in the repository; returns its exit code. By the npm and the Node that the user called: the Node inside
 * node_modules is among what is being replaced. npm's progress goes to the terminal, its summary to stderr.
 */
function npm(...args) {
  const { npm_execpath: cli = '', npm_node_execpath: node = process.execPath } = process.env;
  // Another package manager names itself there too.
  const [command, ...first] = basename(cli) === 'npm-cli.js' ? [node, cli] : ['npm'];
  const { status, error } = spawnSync(command, [...first, ...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  return error ? error.message : status;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function installPackages(locked) {
  console.error('Setting up: npm ci (about a minute, once) …');
  // Whatever the user's npm leaves out, or refuses under an older Node, is needed here.
  const code = npm('ci', '--include=dev', '--include=optional', '--engine-strict=false');
  if (code !== 0) fail(`Setting up failed: npm ci ended with ${code}. Check the network, then run: npm ci`);
  const path = firstDifference(locked);
  if (path) fail(`Setting up failed: npm ci did not install ${path} as locked. Remove node_modules, then run: npm ci`);
}

/** An install script of the package `node` fetches the binary. Some users' npm runs no install scripts by itself. */
function installNode(version) {
  console.error(`Setting up: Node ${version} (once) …`);
  npm('rebuild', 'node', '--ignore-scripts=false');
  if (existsSync(pinnedNode)) return;
  fail(
    `Node ${version} is needed, this is ${process.version}, and npm did not fetch it. ` +
      'Install Node 24 (nodejs.org), or run: npm rebuild node --ignore-scripts=false',
  );
}

function setUp() {
  const locked = packagesIn('package-lock.json');
  const { version } = locked['node_modules/node'];
  const stale = firstDifference(locked) !== undefined;
  if (stale) installPackages(locked);
  const newEnough = Number.parseInt(process.versions.node, 10) >= Number.parseInt(version, 10);
  const missing = !existsSync(pinnedNode) && !newEnough;
  if (missing) installNode(version);
  if ((stale || missing) && existsSync(pinnedNode) && spawnSync(pinnedNode, ['--version']).status !== 0) {
    fail(`${pinnedNode} does not run on this system. It needs a Linux with glibc (Debian, Fedora, …) or macOS.`);
  }
}

/** Ends as the program ends. Signals from the terminal reach it by themselves; a SIGTERM is handed on. */
function run(program) {
  const child = spawn(existsSync(pinnedNode) ? pinnedNode : process.execPath, program, { stdio: 'inherit' });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

setUp();
if (process.argv.length > 2) run(process.argv.slice(2));

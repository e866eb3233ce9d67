import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoSpotify } from '../../infra/local/demo-spotify/server.ts';
import { awsCommands, docBlocks, helpOf } from './doc-commands.ts';

/**
 * Runs every command that the README and the runbook show, as they stand, in this folder. Where a person has to fill
 * something in (…), a server on this machine takes Spotify's place. `npm test` is left to whoever calls this. A command
 * that needs an AWS account is asked for its help instead.
 */
const ROOT = new URL('../../', import.meta.url);
const privateFolder = mkdtempSync(join(tmpdir(), 'config-'));
const demo = await startDemoSpotify({ snapshotDate: '2026-11-23' });
const playlist = demo.playlists[0]?.id ?? '';

const blocks = docBlocks();
const helps = [...new Set(awsCommands(blocks).map(helpOf))];
const toRun = [
  ...blocks.filter(({ isAws }) => !isAws),
  ...helps.map((commands) => ({ file: 'help, in place of what needs AWS', commands })),
];
let failed = 0;
for (const { file, commands } of toRun) {
  const filledIn = commands
    .replace('npm test\n', '')
    .replace('playlist/…', `playlist/${playlist}`)
    .replaceAll('…', 'filled-in');
  console.log(`\n${file}:\n${filledIn}`);
  const isOwn = filledIn.includes('export SPOTIFY');
  const servers = { SPOTIFY_API_URL: demo.url, SPOTIFY_ACCOUNTS_URL: demo.url };
  // Without the consent that whoever runs this keeps: the demo has to be enough.
  const env = { ...process.env, XDG_CONFIG_HOME: privateFolder, ...(isOwn ? servers : {}) };
  const [exitCode] = await once(spawn('bash', ['-euc', filledIn], { cwd: ROOT, stdio: 'inherit', env }), 'exit');
  if (exitCode === 0) continue;
  failed += 1;
  console.log(`failed with exit code ${exitCode}`);
}
await demo.close();
console.log(`\ncommands: ${toRun.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && blocks.length > 5 && helps.length > 5 ? 0 : 1;

import { parseArgs } from 'node:util';
import { isCalendarDate } from '../../functions/domain/dates.ts';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import { uniqueIds } from '../../functions/domain/execution-input.ts';

export const START_HELP = `Takes one snapshot of Spotify playlists into a lake on this machine.

Usage: npm start -- [options]

  --playlist REF            ID, spotify:playlist: URI or open.spotify.com link; may be given several times.
                            Without it: the playlists in cdk.json, or the demo's.
  --snapshot-date DATE      The date the snapshot stands for, YYYY-MM-DD (default: today, UTC).
  --demo                    Read the built-in demo, whatever credentials there are.
  --lake DIR                Where the lake is (default: .lake).
  --help                    This text.

Credentials: those of the environment, else those that npm run auth keeps, else the built-in demo Spotify is read.
Environment: SPOTIFY_CLIENT_ID with SPOTIFY_REFRESH_TOKEN (reads your own playlists) or SPOTIFY_CLIENT_SECRET or both;
SPOTIFY_AUTHORIZED_AT (when the user consented); SPOTIFY_API_URL, SPOTIFY_ACCOUNTS_URL (another server); DEBUG=1
(stack traces).`;

export interface StartArguments {
  /** IDs; undefined: not given. */
  readonly playlistIds: readonly string[] | undefined;
  readonly snapshotDate: string | undefined;
  readonly lakeDir: string;
  readonly demo: boolean;
  readonly help: boolean;
}

/** Reads the command line. Throws InvalidInputError in one line that names the option. */
export function parseStartArguments(argv: readonly string[]): StartArguments {
  const values = parse(argv);
  const { 'snapshot-date': snapshotDate, lake: lakeDir } = values;
  if (snapshotDate !== undefined && !isCalendarDate(snapshotDate)) {
    throw new InvalidInputError(`--snapshot-date ${snapshotDate} is not a date of the calendar in the form YYYY-MM-DD`);
  }
  if (lakeDir === '') throw new InvalidInputError('--lake needs the name of a folder');
  return {
    playlistIds: values.playlist && uniqueIds(values.playlist),
    snapshotDate,
    lakeDir,
    demo: values.demo,
    help: values.help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        playlist: { type: 'string', multiple: true },
        'snapshot-date': { type: 'string' },
        lake: { type: 'string', default: '.lake' },
        demo: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    // Node's own words name the option; what follows the first sentence is advice for programmers.
    const sentence = (cause as Error).message.split('. ')[0];
    throw new InvalidInputError(`${sentence}. See npm start -- --help`, { cause });
  }
}

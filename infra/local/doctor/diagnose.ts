import { createSpotify, type Spotify } from '../../../functions/adapters/spotify.ts';
import { consentNotice, tokenDaysLeft } from '../../../functions/domain/consent.ts';
import { ConfigError, SpotifyUnavailableError, STAGE_ERROR_NAMES } from '../../../functions/domain/errors.ts';
import type { Regime } from '../../../functions/domain/manifest.ts';
import { SAVED_TRACKS_ID } from '../../../functions/domain/saved-tracks.ts';
import { chosen, readMyPlaylists } from '../../../functions/my-playlists.ts';
import type { Config } from '../../config.ts';
import type { OpenedSpotify } from '../open-spotify.ts';
import { type Finding, findingLines } from './finding.ts';
import { checkPlaylist } from './playlist-check.ts';

/** What a diagnosis needs, wherever the credentials are. */
export interface Patient {
  readonly log: (text: string) => void;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly config: () => Config;
  /** Throws an error whose message says what to do. */
  readonly open: () => Promise<OpenedSpotify>;
}

/** Says what it finds, a line or two each. Resolves to the exit code: 0, or 1 when there is a problem. */
export async function diagnose(patient: Patient): Promise<0 | 1> {
  let problems = 0;
  for await (const finding of findings(patient)) {
    patient.log(findingLines(finding));
    if (finding.is === 'problem') problems += 1;
  }
  patient.log(problems === 0 ? 'All is well.' : `${problems} ${problems === 1 ? 'problem' : 'problems'}.`);
  return problems === 0 ? 0 : 1;
}

async function* findings({ config: readConfig, open, now, sleep }: Patient): AsyncGenerator<Finding> {
  const config = attempt('configuration', readConfig);
  if ('finding' in config) yield config.finding;
  else yield { about: 'configuration', is: 'fine', detail: describe(config.value) };
  const opened = await open().catch((error: Error) => problem('credentials', error));
  if ('is' in opened) return yield opened;
  if (opened.kind === 'demo') {
    const remedy = 'Consent once: npm run auth. Until then npm start reads the built-in demo.';
    return yield { about: 'credentials', is: 'problem', detail: 'there are none', remedy };
  }
  yield { about: 'credentials', is: 'fine', detail: opened.says };
  yield ageOfConsent(opened, now());
  if ('value' in config) yield* spotifyFindings(config.value, opened, sleep);
}

type Server = Extract<OpenedSpotify, { kind: 'server' }>;

function ageOfConsent({ consent }: Server, now: Date): Finding {
  const about = 'consent';
  if (!consent) return { about, is: 'fine', detail: 'none: the app reads as itself' };
  const days = tokenDaysLeft(consent.authorizedAt, now);
  if (days === null) {
    const remedy = `It ends six months after it was given. To have its age watched: ${consent.command}`;
    return { about, is: 'notice', detail: 'its age is not known', remedy };
  }
  const notice = consentNotice(days, consent.command);
  const detail = `${days} days left`;
  if (!notice) return { about, is: 'fine', detail };
  return { about, is: days < 0 ? 'problem' : 'notice', detail, remedy: notice };
}

async function* spotifyFindings(config: Config, server: Server, sleep: Patient['sleep']): AsyncGenerator<Finding> {
  const spotify = impatient(server, sleep);
  const regimes = new Set<Regime>();
  try {
    for (const playlistId of await playlistsOf(config, spotify, server)) {
      const { finding, regime } = await checkPlaylist(playlistId, spotify);
      if (regime) regimes.add(regime);
      yield finding;
    }
  } catch (error) {
    // Credentials, allow-list, Premium, the network: it concerns every further call as well.
    return yield problem('Spotify', error as Error);
  }
  const detail =
    regimes.size === 0 ? 'not seen, no playlist was read' : [...regimes].map((one) => REGIMES[one]).join(', ');
  yield { about: 'access', is: 'fine', detail };
}

const REGIMES: Readonly<Record<Regime, string>> = {
  A: 'regime A, extended quota: every public playlist',
  B: 'regime B, an app made before February 2026: every public playlist',
  C: 'regime C, an app made since February 2026: playlists that the user owns or collaborates on',
};

/** The playlists of the configuration, chosen from the user's own list as a run does it: a call for fifty of them. */
async function playlistsOf(
  { playlistIds, reading }: Config,
  spotify: Spotify,
  { settings }: Server,
): Promise<string[]> {
  const ids = [...playlistIds];
  if (reading && reading.myPlaylists !== 'none') {
    const purpose = { sources: true, userId: reading.myPlaylists !== 'all', worth: 0 };
    const listed = await readMyPlaylists(purpose, {
      spotify,
      apiUrl: settings.apiUrl,
      hasTime: () => true,
      held: undefined,
      keep: () => {},
    });
    if (listed.status === 'wait') {
      throw new SpotifyUnavailableError(
        `the list of your playlists: ${listed.reason}. Ask again after ${listed.retryAt}.`,
      );
    }
    if (listed.status === 'listed') ids.push(...chosen(listed.list, reading));
  }
  if (reading?.savedTracks) ids.push(SAVED_TRACKS_ID);
  if (ids.length === 0) {
    throw new ConfigError(
      'no playlist to read: name some in cdk.json (context.playlistLake.playlists), or choose others of your own (reading.myPlaylists, reading.namePattern)',
    );
  }
  return [...new Set(ids)];
}

/** A run has patience; the doctor only waits where the rate limit says for how long, or it would be no diagnosis. */
function impatient({ settings, credentials, saveRefreshToken }: Server, sleep: Patient['sleep']): Spotify {
  let said: Record<string, unknown> = {};
  return createSpotify({
    settings,
    credentials,
    saveRefreshToken,
    now: Date.now,
    random: () => 1,
    log: (_message, fields) => {
      said = fields;
    },
    sleep: async (ms) => {
      if (String(said.why).startsWith('429')) return sleep(ms);
      throw new SpotifyUnavailableError(`${said.call}: ${said.why}. Try again in a while.`);
    },
  });
}

function attempt<T>(about: string, work: () => T): { value: T } | { finding: Finding } {
  try {
    return { value: work() };
  } catch (error) {
    return { finding: problem(about, error as Error) };
  }
}

const problem = (about: string, { name, message }: Error): Finding => ({
  about,
  is: 'problem',
  detail: message,
  remedy: STAGE_ERROR_NAMES.some((known) => known === name)
    ? `See ${name} in docs/runbook.md.`
    : 'Then ask the doctor again.',
});

function describe({ playlistIds, reading, market }: Config): string {
  const more = reading && reading.myPlaylists !== 'none' ? `, my playlists: ${reading.myPlaylists}` : '';
  const saved = reading?.savedTracks ? ', saved tracks' : '';
  return `${playlistIds.length} playlists by name${more}${saved}, market ${market ?? 'of the user'}`;
}

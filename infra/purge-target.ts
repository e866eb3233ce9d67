import { isCalendarDate } from '../functions/domain/dates.ts';
import { InvalidInputError } from '../functions/domain/errors.ts';
import { uniqueIds } from '../functions/domain/execution-input.ts';
import type { PurgePlan, PurgeTarget } from '../functions/purge-plan.ts';

/** What `npm run purge` may be told to remove, and how it says what that means, here and on AWS. */

export const TARGET_USAGE = `  --playlist REF  ID, spotify:playlist: URI or link: everything of it, in every snapshot
  --before DATE   every snapshot of a date before this one, YYYY-MM-DD
  --yes           do not ask`;

export const TARGET_OPTIONS = {
  playlist: { type: 'string' },
  before: { type: 'string' },
  yes: { type: 'boolean', default: false },
} as const;

/** undefined when neither is given. Throws InvalidInputError for what is none. */
export function targetOf(values: { playlist?: string | undefined; before?: string | undefined }) {
  const { playlist, before } = values;
  if (playlist !== undefined && before !== undefined) {
    throw new InvalidInputError('--playlist and --before exclude each other: give one of them');
  }
  if (before !== undefined && !isCalendarDate(before)) {
    throw new InvalidInputError(`--before ${before} is not a date of the calendar in the form YYYY-MM-DD`);
  }
  const [playlistId] = playlist === undefined ? [] : uniqueIds([playlist]);
  const target: PurgeTarget | undefined = playlistId ? { playlistId } : before ? { before } : undefined;
  return target;
}

export const isNothing = ({ pointers, keys, manifests, rebuild }: PurgePlan): boolean =>
  pointers.length + keys.length + manifests.length + rebuild.length === 0;

const WHY = { 'nothing else': 'nothing else is in it', 'raw gone': 'raw no longer has what it was made of' } as const;

/** What will go, a line a kind. */
export function describePlan({ pointers, keys, manifests, rebuild, whole }: PurgePlan): string {
  const below = (folder: string) => keys.filter((key) => key.startsWith(folder)).length;
  const goes = whole.map(({ snapshotDate, why }) => `snapshot of ${snapshotDate}: goes whole, because ${WHY[why]}`);
  return [
    `raw/: ${below('raw/')} objects, transformed/: ${below('transformed/')} files, published/: ${pointers.length}`,
    ...(manifests.length > 0 ? [`manifests changed: ${manifests.length}`] : []),
    ...(rebuild.length > 0 ? [`snapshots made again without it: ${rebuild.join(', ')}`] : []),
    ...goes,
  ].join('\n');
}

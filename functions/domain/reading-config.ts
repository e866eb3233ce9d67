import * as z from 'zod';

/** What to read beside the playlists that are named, and how often in full. One block of the configuration. */
export const ReadingConfigSchema = z.strictObject({
  /** Which of the playlists in the user's own list are read: those they own, those they follow, or all. */
  myPlaylists: z.enum(['none', 'owned', 'followed', 'all']).default('none'),
  /** Of those, only the ones of this name; `*` stands for any characters, upper and lower case are alike. */
  namePattern: z.string().min(1).nullable().default(null),
  /** Whether the user's saved tracks are read as one more playlist. */
  savedTracks: z.boolean().default(false),
  /** An unchanged playlist is read in full this often all the same: 1 means every time. */
  fullReadEveryWeeks: z.int().min(1).max(52).default(4),
});

export type ReadingConfig = z.output<typeof ReadingConfigSchema>;

export const DEFAULT_READING: ReadingConfig = ReadingConfigSchema.parse({});

/** Whether a name is of the pattern; every name is when there is none. */
export function matchesName(name: string, pattern: string | null): boolean {
  if (pattern === null) return true;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'isu').test(name);
}

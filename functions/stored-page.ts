import type { PlaylistRecord, RawObject, Reading } from './domain/manifest.ts';

/** A page of a playlist that is in the lake, or on its way there. */
export interface StoredPage {
  readonly entries: number;
  /** Rejects when it could not be stored. */
  readonly object: Promise<RawObject>;
}

interface Pages {
  readonly pages: readonly StoredPage[];
}

/** What the lake keeps, as it is while its pages are still being written. */
export type OpenReading = Omit<Reading, 'objects'> & Pages;
export type OpenRecord = Omit<PlaylistRecord, 'objects'> & Pages;

export const storedPage = (object: RawObject): StoredPage => ({
  entries: object.entries,
  object: Promise.resolve(object),
});

export const openReading = ({ objects, ...rest }: Reading): OpenReading => ({
  ...rest,
  pages: objects.map(storedPage),
});
export const openRecord = ({ objects, ...rest }: PlaylistRecord): OpenRecord => ({
  ...rest,
  pages: objects.map(storedPage),
});

/** Resolves when all pages are stored. */
export async function written<T extends Pages>({ pages, ...rest }: T) {
  return { ...rest, objects: await Promise.all(pages.map(({ object }) => object)) };
}

import type { PlaylistRecord } from './manifest.ts';
import type { SpotifyPlaylist } from './spotify-schemas.ts';
import type { Row } from './tables.ts';

/** The row of a playlist that was read. */
export const playlistRow = (playlist: SpotifyPlaylist, total: number, keepPersonalData: boolean): Row<'playlists'> => ({
  playlist_id: playlist.id,
  status: 'complete',
  name: playlist.name,
  description: playlist.description,
  is_public: playlist.public,
  is_collaborative: playlist.collaborative,
  owner_id: keepPersonalData ? (playlist.owner?.id ?? null) : null,
  owner_name: keepPersonalData ? (playlist.owner?.display_name ?? null) : null,
  snapshot_id: playlist.snapshot_id,
  total,
  followers: playlist.followers?.total ?? null,
  image_url: playlist.images?.[0]?.url ?? null,
  uri: playlist.uri,
  external_url: playlist.external_urls?.spotify ?? null,
});

/** The row of a playlist that could not be read: it says so, and nothing else. */
export const unreadableRow = ({ playlist_id, status }: PlaylistRecord): Row<'playlists'> => ({
  playlist_id,
  status,
  name: null,
  description: null,
  is_public: null,
  is_collaborative: null,
  owner_id: null,
  owner_name: null,
  snapshot_id: null,
  total: null,
  followers: null,
  image_url: null,
  uri: null,
  external_url: null,
});

/** The row of a playlist that was read, though its raw object cannot be opened: what the manifest knows of it. */
export const unopenedRow = (record: PlaylistRecord): Row<'playlists'> => ({
  ...unreadableRow(record),
  snapshot_id: record.snapshot_id,
  total: record.total,
});

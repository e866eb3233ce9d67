/**
 * The metrics that the functions emit, with CloudWatch's unit. Dashboard and alarms take their names from here, all with
 * the one dimension `service`, which is the stack's name. They come once a run, so each costs next to nothing: a custom
 * metric is billed by the hours that have data.
 */
export const METRICS = {
  /** Entries in the raw responses of a run. */
  EntriesRead: 'Count',
  PlaylistsUnreadable: 'Count',
  SpotifyCalls: 'Count',
  /** Calls that only repeated one that had failed. */
  SpotifyRetries: 'Count',
  /** Waits of more than a minute that Spotify asked for. */
  SpotifyWaits: 'Count',
  /** Until the user has to consent again. */
  TokenDaysLeft: 'Count',
  /** Rows of all tables together. */
  RowsWritten: 'Count',
  RejectedEntries: 'Count',
  /** Of all entries of the run. */
  RejectedShare: 'Percent',
  /** The most that any playlist lost since the snapshot before, of its entries then. */
  ShrunkShare: 'Percent',
  SnapshotsPublished: 'Count',
} as const;

export type MetricName = keyof typeof METRICS;

export const METRICS_NAMESPACE = 'PlaylistLake';

import type { Lake } from '../../functions/adapters/lake.ts';

export interface MemoryLake extends Lake {
  /** A lake of its own with the same objects. */
  copy(): MemoryLake;
}

/** A lake in memory, for tests that need hundreds of them. No two objects are of the same time. */
export function memoryLake(objects = new Map<string, { body: Uint8Array; lastModified: Date }>()): MemoryLake {
  let latest = 0;
  return {
    copy: () => memoryLake(new Map(objects)),
    async put(key, body) {
      latest = Math.max(latest + 1, Date.now());
      objects.set(key, { body: Uint8Array.from(body), lastModified: new Date(latest) });
    },
    get: async (key) => objects.get(key)?.body,
    list: async (prefix) =>
      [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { body, lastModified }]) => ({ key, sizeBytes: body.length, lastModified }))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    async remove(keys) {
      for (const key of keys) objects.delete(key);
    },
  };
}

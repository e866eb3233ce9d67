import type { Lake } from '../../functions/adapters/lake.ts';

export interface MemoryLake extends Lake {
  /** A lake of its own with the same objects. */
  copy(): MemoryLake;
}

/** A lake in memory, for tests that need hundreds of them. Objects are as old as they were written. */
export function memoryLake(objects = new Map<string, { body: Uint8Array; lastModified: Date }>()): MemoryLake {
  return {
    copy: () => memoryLake(new Map(objects)),
    put: async (key, body) => void objects.set(key, { body, lastModified: new Date() }),
    get: async (key) => objects.get(key)?.body,
    list: async (prefix) =>
      [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { body, lastModified }]) => ({ key, sizeBytes: body.length, lastModified }))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    remove: async (keys) => {
      for (const key of keys) objects.delete(key);
    },
  };
}

import type { Lake, LakeObject } from '../../functions/adapters/lake.ts';

/** A lake in memory, for tests that open a hundred of them. Times count up, one millisecond a write. */
export function memoryLake(): Lake {
  const objects = new Map<string, { body: Uint8Array; lastModified: Date }>();
  let writes = 0;
  return {
    async put(key, body) {
      writes += 1;
      objects.set(key, { body: Uint8Array.from(body), lastModified: new Date(writes) });
    },
    get: async (key) => objects.get(key)?.body,
    async list(prefix): Promise<LakeObject[]> {
      const found = [...objects].filter(([key]) => key.startsWith(prefix));
      return found
        .map(([key, { body, lastModified }]) => ({ key, sizeBytes: body.byteLength, lastModified }))
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    },
    async remove(keys) {
      for (const key of keys) objects.delete(key);
    },
  };
}

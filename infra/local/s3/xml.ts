import type { ObjectFile } from './object-files.ts';
import type { Refusal } from './refusal.ts';

/** The few XML documents that S3 and its client exchange. */
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const escapeXml = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (character) => `&${Object.keys(ENTITIES).find((name) => ENTITIES[name] === character) ?? ''};`,
  );

const unescapeXml = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? entity;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });

const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`;

export const errorXml = (code: string, message: string): string =>
  `${DECLARATION}<Error>${element('Code', code)}${element('Message', message)}</Error>`;

/** `next` is the continuation token, there only when another page follows. */
export function listXml(files: readonly ObjectFile[], next: string | undefined): string {
  const contents = files.map(
    ({ key, sizeBytes, lastModified, etag }) =>
      `<Contents>${element('Key', key)}${element('LastModified', lastModified.toISOString())}${element('ETag', etag)}` +
      `<Size>${sizeBytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const continuation = next === undefined ? '' : element('NextContinuationToken', next);
  const counts = `<KeyCount>${files.length}</KeyCount><IsTruncated>${next !== undefined}</IsTruncated>${continuation}`;
  return `${DECLARATION}<ListBucketResult ${NAMESPACE}>${counts}${contents.join('')}</ListBucketResult>`;
}

/** The keys that a DeleteObjects request names. */
export const keysToDelete = (xml: string): string[] =>
  [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, text = '']) => unescapeXml(text));

/** With a refusal where a key could not be deleted. */
export function deletedXml(outcomes: readonly { readonly key: string; readonly refusal?: Refusal }[]): string {
  const elements = outcomes.map(({ key, refusal }) =>
    refusal
      ? `<Error>${element('Key', key)}${element('Code', refusal.code)}${element('Message', refusal.message)}</Error>`
      : `<Deleted>${element('Key', key)}</Deleted>`,
  );
  return `${DECLARATION}<DeleteResult ${NAMESPACE}>${elements.join('')}</DeleteResult>`;
}

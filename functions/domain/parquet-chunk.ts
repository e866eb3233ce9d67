import { constants, type ZstdOptions, zstdCompressSync } from 'node:zlib';
import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { run, varint } from './bit-packing.ts';
import type { Encoded, Encoding } from './column-encoding.ts';

/**
 * Of words and numbers. Words of one language share four bytes often: this is as small as level 9 (0.07 % larger on the
 * benchmark's tables) in half of its time.
 */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 5, [constants.ZSTD_c_minMatch]: 4 } };
/**
 * Of codes. Random characters repeat by chance for up to six bytes, and to say where costs more than to say them: covers
 * become 8 % smaller without, ISRCs 5 %, while words would become 6 % larger. To look harder for repeats than this
 * strategy does takes twice the time and finds nothing.
 */
const ZSTD_CODES = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 5,
    [constants.ZSTD_c_strategy]: constants.ZSTD_dfast,
    [constants.ZSTD_c_minMatch]: 6,
  },
};
/** Column chunks of fewer bytes become larger by compression, taken together. */
const SMALL_BYTES = 300;

/** Least and greatest value; absent where no query could leave out a row group by them. */
export interface Bounds {
  readonly min_value?: number | boolean | Uint8Array;
  readonly max_value?: number | boolean | Uint8Array;
}

interface Chunk {
  readonly physical: 'BYTE_ARRAY' | 'INT32' | 'INT64' | 'BOOLEAN';
  readonly path: string[];
  /** Repetition levels, then definition levels, as far as the column has them. */
  readonly levels: readonly Buffer[];
  /** Values, and whatever else has a level: nulls, empty lists. */
  readonly count: number;
  /** Levels without a value. */
  readonly nulls: number;
  readonly bounds: Bounds;
}

export type WrittenChunk = ReturnType<typeof writeChunk>;

/** Writes the values as a column chunk of one data page, and says where and how for the file's footer. */
export function writeChunk(
  writer: ByteWriter,
  { encoding, data, dictionary, isCodes = false }: Encoded<string | number>,
  { physical, path, levels, count, nulls, bounds }: Chunk,
) {
  const offset = writer.offset;
  const body = levels.length > 0 ? Buffer.concat([...levels, data]) : data;
  const isSmall = body.length + (dictionary?.plain.length ?? 0) < SMALL_BYTES;
  const zstd = isSmall ? undefined : isCodes ? ZSTD_CODES : ZSTD;
  let uncompressed = 0;
  if (dictionary) {
    uncompressed += writePage(writer, dictionary.plain, zstd, {
      type: 'DICTIONARY_PAGE',
      dictionary_page_header: { num_values: dictionary.values.length, encoding: 'PLAIN' },
    });
  }
  const dataOffset = BigInt(writer.offset);
  const header: PageHeader = {
    type: 'DATA_PAGE',
    data_page_header: {
      num_values: count,
      encoding,
      definition_level_encoding: 'RLE',
      repetition_level_encoding: 'RLE',
    },
  };
  uncompressed += writePage(writer, body, zstd, header);
  const chunk = {
    file_offset: BigInt(offset),
    meta_data: {
      type: physical,
      encodings: [...new Set<Encoding | 'RLE'>(['PLAIN', 'RLE', encoding])],
      path_in_schema: path,
      codec: zstd ? ('ZSTD' as const) : ('UNCOMPRESSED' as const),
      num_values: BigInt(count),
      total_uncompressed_size: BigInt(uncompressed),
      total_compressed_size: BigInt(writer.offset - offset),
      data_page_offset: dataOffset,
      ...(dictionary ? { dictionary_page_offset: BigInt(offset) } : {}),
      statistics: { null_count: BigInt(nulls), ...bounds },
    },
  };
  return { chunk, uncompressed };
}

/** Levels as a data page has them, behind their length in bytes. `isAlike`: all of them are the first one. */
export function levels(all: Uint8Array, width: number, isAlike: boolean): Buffer {
  const encoded = isAlike
    ? Buffer.concat([varint(all.length * 2), Buffer.of(all[0] ?? 0)])
    : run(new Uint32Array(all), width);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(encoded.length);
  return Buffer.concat([length, encoded]);
}

type PageHeader = Omit<Parameters<typeof writePageHeader>[1], 'uncompressed_page_size' | 'compressed_page_size'>;

/** Writes a page, compressed if it is said how; gives its size before, header included. */
function writePage(writer: ByteWriter, body: Buffer, zstd: ZstdOptions | undefined, header: PageHeader): number {
  const written = zstd ? zstdCompressSync(body, zstd) : body;
  const start = writer.offset;
  writePageHeader(writer, { ...header, uncompressed_page_size: body.length, compressed_page_size: written.length });
  const headerBytes = writer.offset - start;
  writer.appendBytes(written);
  return headerBytes + body.length;
}

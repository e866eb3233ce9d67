import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/** The repository's rules about who imports what, each with an example that breaks it. */
interface SourceFile {
  /** Relative to the repository. */
  readonly file: string;
  /** Packages as they are written, the repository's own files relative to it, as `./functions/domain/dates.ts`. */
  readonly imports: readonly string[];
  /** File names that stand alone or end a path in a string: what it may open. */
  readonly names?: readonly string[];
}

interface Rule {
  /** What in the file breaks the rule; nothing when it keeps it. */
  readonly breaks: (source: SourceFile) => readonly string[];
  readonly example: SourceFile;
}

const isOwn = (specifier: string): boolean => specifier.startsWith('./');
const isPackage = (specifier: string): boolean => !isOwn(specifier) && !specifier.startsWith('node:');
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** In the folder, every import has to be one of these packages or below one of these folders. */
function importsOnly(folder: RegExp, allowed: readonly string[], example: SourceFile): Rule {
  const isAllowed = (specifier: string) =>
    allowed.some((one) =>
      one.endsWith('/') || one === 'node:' ? specifier.startsWith(one) : packageOf(specifier) === one,
    );
  return {
    breaks: ({ file, imports }) => (folder.test(file) ? imports.filter((specifier) => !isAllowed(specifier)) : []),
    example,
  };
}

/** Only files of this name import the package. */
function importedOnlyBy(name: string, files: RegExp, example: SourceFile): Rule {
  return {
    breaks: ({ file, imports }) =>
      file.startsWith('functions/') && !files.test(file) ? imports.filter((one) => packageOf(one) === name) : [],
    example,
  };
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;
interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const NAMELESS = ['utils', 'helpers', 'common', 'shared', 'types', 'misc', 'index'];

const RULES: Readonly<Record<string, Rule>> = {
  'the domain does no I/O: it imports zod, the Parquet writer and what computes': importsOnly(
    /^functions\/domain\//,
    ['./functions/domain/', 'zod', 'hyparquet-writer', 'node:zlib', 'node:crypto'],
    { file: 'functions/domain/dates.ts', imports: ['node:fs'] },
  ),
  'functions import nothing outside functions': importsOnly(
    /^functions\//,
    ['./functions/', 'node:', ...Object.keys(manifest.dependencies)],
    { file: 'functions/extract.ts', imports: ['./infra/config.ts'] },
  ),
  'adapters import no handler': {
    breaks: ({ file, imports }) =>
      file.startsWith('functions/adapters/')
        ? imports.filter((one) => isOwn(one) && !/^\.\/functions\/(adapters|domain)\//.test(one))
        : [],
    example: { file: 'functions/adapters/lake.ts', imports: ['./functions/extract.ts'] },
  },
  'an adapter has one client': {
    breaks: ({ file, imports }) => {
      // Powertools' logger and metrics are one thing to a reader, and are released together.
      const clientOf = (one: string) => (one.startsWith('@aws-lambda-powertools/') ? 'powertools' : packageOf(one));
      const clients = [...new Set(imports.filter(isPackage).map(clientOf))].filter((one) => one !== 'zod');
      return file.startsWith('functions/adapters/') ? clients.slice(1) : [];
    },
    example: { file: 'functions/adapters/secrets.ts', imports: ['@aws-sdk/client-ssm', '@aws-sdk/client-kms'] },
  },
  "ky is the Spotify adapter's": importedOnlyBy('ky', /^functions\/adapters\/spotify[a-z-]*\.ts$/, {
    file: 'functions/extract.ts',
    imports: ['ky'],
  }),
  "the S3 client is the lake's": importedOnlyBy('@aws-sdk/client-s3', /^functions\/adapters\/lake[a-z-]*\.ts$/, {
    file: 'functions/publish.ts',
    imports: ['@aws-sdk/client-s3'],
  }),
  'the state machine does not know where it runs': importsOnly(
    /^statemachine\//,
    ['./statemachine/', './functions/domain/', 'node:', 'zod'],
    { file: 'statemachine/definition.ts', imports: ['./infra/local/machine.ts'] },
  ),
  'the local run needs nothing of the CDK': {
    breaks: ({ file, imports }) =>
      file.startsWith('infra/local/') ? imports.filter((one) => /^(aws-cdk-lib|@aws-cdk|constructs)\b/.test(one)) : [],
    example: { file: 'infra/local/start.ts', imports: ['aws-cdk-lib/aws-s3'] },
  },
  'the CDK is imported by the stack alone': {
    breaks: ({ file, imports }) =>
      /^(test\/|infra\/constructs\/|infra\/(app|playlist-lake-stack)\.ts$)/.test(file)
        ? []
        : imports.filter((one) => /^(aws-cdk-lib|@aws-cdk|constructs|cdk-nag)\b/.test(one)),
    example: { file: 'infra/config.ts', imports: ['aws-cdk-lib'] },
  },
  'only tests import tests': {
    breaks: ({ file, imports }) => (file.startsWith('test/') ? [] : imports.filter((one) => one.startsWith('./test/'))),
    example: { file: 'infra/local/start.ts', imports: ['./test/support/scripted-server.ts'] },
  },
  'the definition has one reader': {
    breaks: ({ file, names = [] }) =>
      file.startsWith('test/') || file === 'statemachine/definition.ts'
        ? []
        : names.filter((name) => name === 'pipeline.asl.json'),
    example: { file: 'infra/local/machine.ts', imports: [], names: ['pipeline.asl.json'] },
  },
  'a file is named after what it holds': {
    breaks: ({ file }) => [basename(file, extname(file))].filter((name) => NAMELESS.includes(name)),
    example: { file: 'functions/domain/utils.ts', imports: [] },
  },
  'an import says the extension': {
    breaks: ({ imports }) => imports.filter((one) => isOwn(one) && !/\.(ts|js|json)$/.test(one)),
    example: { file: 'functions/extract.ts', imports: ['./functions/domain/dates'] },
  },
  'a package that is imported is in package.json': {
    breaks: ({ imports }) =>
      imports.filter(
        (one) => isPackage(one) && !(packageOf(one) in { ...manifest.dependencies, ...manifest.devDependencies }),
      ),
    example: { file: 'infra/local/run.ts', imports: ['lodash/merge.js'] },
  },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES: readonly SourceFile[] = ['functions', 'infra', 'statemachine', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|js)$/.test(path))
    .map((path) => posix.join(folder, path))
    .map((file) => ({ file, ...parse(readFileSync(join(root, file), 'utf8'), file) })),
);

/** Good enough for formatted code: strings inside strings that look like imports would count too. */
function parse(text: string, file: string): Omit<SourceFile, 'file'> {
  const statements = /^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"\n]+)['"]/gm;
  const calls = /\bimport\(\s*['"`]([^'"`\n]+)['"`]/g;
  const specifiers = [statements, calls].flatMap((pattern) => [...text.matchAll(pattern)].map(([, one = '']) => one));
  const resolved = (one: string) => (/^\.\.?\//.test(one) ? `./${posix.join(dirname(file), one)}` : one);
  const names = [...text.matchAll(/['"`/]([\w.-]+\.(?:json|sql))['"`]/g)].map(([, name = '']) => name);
  return { imports: specifiers.map(resolved), names };
}

describe('imports', () => {
  test.each(Object.entries(RULES))('%s', (_, { breaks, example }) => {
    expect(breaks(example)).not.toEqual([]);
    const broken = SOURCES.map((source) => ({ file: source.file, breaks: breaks(source) }));
    expect(broken.filter((one) => one.breaks.length > 0)).toEqual([]);
  });

  test.each([
    ["import a from 'a';", ['a']],
    ["import { type B,\n  c } from '../domain/b.ts';", ['./functions/domain/b.ts']],
    ["export * from './c.ts';", ['./functions/adapters/c.ts']],
    ["import 'd';\nimport type { E } from 'e/f';", ['d', 'e/f']],
    ["const zod = await import('zod');", ['zod']],
    ["import pipeline from './h.json' with { type: 'json' };", ['./functions/adapters/h.json']],
    ["export const i = Array.from('j');\nexport function k() {}\nconst l = 'm';", []],
    ["// import n from 'n';\n * export { o } from 'o';", []],
  ])('%j imports %j', (text, imports) => {
    expect(parse(text, 'functions/adapters/x.ts').imports).toEqual(imports);
  });

  test('the rules were held against the whole repository', () => {
    expect(SOURCES.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['functions/domain/tables.ts', 'infra/local/setup.js', 'test/imports.test.ts']),
    );
  });
});

describe('dependencies', () => {
  /** Used by no import, but by the editor, the compiler, a script or a command. */
  // test/run.ts starts jest, which only its own path names.
  const TOOLS = /^(node|typescript|@types\/.*|@biomejs\/biome|aws-cdk|jest)$/;

  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { bin?: Readonly<Record<string, string>> }>>;
  };
  const commandsOf = (name: string): string[] => Object.keys(packages[`node_modules/${name}`]?.bin ?? {});

  function unused(dependencies: readonly string[], sources: readonly SourceFile[], scripts: readonly string[]) {
    const imported = new Set(sources.flatMap(({ imports }) => imports.filter(isPackage).map(packageOf)));
    const words = new Set(scripts.flatMap((script) => script.split(/\s+/)));
    const runs = (name: string) =>
      [...words].some((word) => word.startsWith(`node_modules/${name}/`)) ||
      commandsOf(name).some((one) => words.has(one));
    return dependencies.filter((name) => !TOOLS.test(name) && !imported.has(name) && !runs(name));
  }

  test('one that nothing imports or runs is found', () => {
    const sources = [{ file: 'functions/a.ts', imports: ['ky', '@aws-sdk/client-s3/x', 'node:fs'] }];
    const names = ['ky', '@aws-sdk/client-s3', 'asl-validator', 'typescript', 'fast-check', '@types/node', 'left-pad'];
    const scripts = ['node node_modules/asl-validator/dist/bin/asl-validator.js', 'tsc && jest-like'];
    expect(unused(names, sources, scripts)).toEqual(['fast-check', 'left-pad']);
  });

  test('all of them are used', () => {
    const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(unused(names, SOURCES, Object.values(manifest.scripts))).toEqual([]);
  });
});

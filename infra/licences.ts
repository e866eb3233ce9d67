import { readFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import * as z from 'zod';
import { bundleOptions } from './bundle.ts';

/** What the licences of all packages have to be, and the page that lists them. */

export interface LockedPackage {
  /** `node_modules/a` or `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; empty when nobody says. */
  readonly licence: string;
}

const LockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** Each asks for no more than its own text beside a copy, and says nothing of what is made with it. */
const PERMISSIVE = ['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'CC0-1.0'];
/** As permissive, and used by tools alone. */
const TOOLS_ONLY = ['BlueOak-1.0.0'];

/** Tools that may have another licence, and why. */
export const EXCEPTIONS: Readonly<Record<string, { readonly licence: string; readonly reason: string }>> = {
  'caniuse-lite': {
    licence: 'CC-BY-4.0',
    reason: 'a table of browsers that comes with Jest; it is data, is not changed, and reaches nobody',
  },
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Every package of package-lock.json, those of other platforms too: such a one has the licence of whoever asks for it. */
export function lockedPackages(
  lock: unknown = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')),
): LockedPackage[] {
  const { packages } = LockSchema.parse(lock);
  const askedBy = new Map(
    Object.values(packages).flatMap(({ license = '', optionalDependencies = {} }) =>
      Object.keys(optionalDependencies).map((name): [string, string] => [name, license]),
    ),
  );
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { version = '', license }]) => {
      const name = nameOf(path);
      return { path, name, version, licence: license ?? askedBy.get(name) ?? '' };
    });
}

/** The packages of which something is in a function's bundle, the AWS SDK's among them. */
export function bundledPackages(locked: readonly LockedPackage[] = lockedPackages()): LockedPackage[] {
  const { metafile } = buildSync({ ...bundleOptions('/nowhere'), metafile: true, write: false });
  const paths = Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) =>
    Object.keys(inputs).flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
  );
  return [...new Set(paths)].sort().map((path) => {
    const found = locked.find((one) => one.path === path);
    if (!found) throw new Error(`${path} is in a bundle and not in package-lock.json`);
    return found;
  });
}

/** What may not be, one line a package; `isShipped` for what reaches a function. */
export function licenceProblems(packages: readonly LockedPackage[], isShipped: boolean): string[] {
  const allowed = isShipped ? PERMISSIVE : [...PERMISSIVE, ...TOOLS_ONLY];
  return packages
    .filter(({ name, licence }) => {
      if (!isShipped && EXCEPTIONS[name]?.licence === licence) return false;
      // One of several that are offered is enough; of several that hold together each has to be there.
      const choices = licence.replace(/[()]/g, '').split(' OR ');
      return !choices.some((choice) => choice.split(' AND ').every((one) => allowed.includes(one)));
    })
    .map(({ name, version, licence }) => `${name} ${version}: ${licence || 'no licence is named'}`);
}

/** `docs/licences.md` */
export function licencesPage(locked = lockedPackages(), shipped = bundledPackages(locked)): string {
  const tools = locked.filter((one) => !shipped.includes(one));
  const rows = shipped.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  const counts = Map.groupBy(tools, ({ licence }) => licence);
  return `# Licences

Made by \`npm run generate\` from package-lock.json and the bundles. Playlist Lake itself is under the MIT licence.

## In the functions

These packages are wholly or partly in the code that a deployment puts into your account. The texts of their licences are
in \`node_modules\`, beside each of them; the bundles leave them out, since they go to nobody else. Whoever hands a bundle on
has to add them.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}

## For development

Tools, tests and the commands of this repository; nothing of them is deployed.

| licence | packages |
| --- | --- |
${[...counts]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([licence, { length }]) => `| ${licence} | ${length} |`)
  .join('\n')}

Exceptions from the list of permissive licences in \`infra/licences.ts\`:

${Object.entries(EXCEPTIONS)
  .map(([name, { licence, reason }]) => `- ${name} (${licence}): ${reason}.`)
  .join('\n')}
`;
}

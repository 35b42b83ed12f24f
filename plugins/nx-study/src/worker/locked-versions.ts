import type { Environment } from './manifest.ts';
import { lockFiles } from './lock-files.ts';

/**
 * The versions of a package in the locks of an environment, by whichever of its names they have it; of a container, that
 * in the tag of its image.
 * @param read - the text of a file of the worker's folder; null for one that can't be read.
 */
export async function lockedVersions(
  environment: Environment,
  packages: readonly string[],
  read: (file: string) => Promise<string | null>,
): Promise<string[]> {
  if (environment.type === 'container') {
    const { image, tag } = /^(?<image>.+):v?(?<tag>[^:/@]+)/.exec(environment.image ?? '')?.groups ?? {};
    return image !== undefined && tag !== undefined && packages.includes(image) ? [tag] : [];
  }
  return [...new Set(await versionsIn(environment, packages, read))];
}

/** The version of each package in the locks, null for one that none of them has; nothing for a container, whose image may have any. */
export async function lockedPackages(
  environment: Environment,
  packages: readonly string[],
  read: (file: string) => Promise<string | null>,
): Promise<Record<string, string | null>> {
  if (environment.type === 'container') return {};
  const versions = packages.map(async (name) => [name, (await versionsIn(environment, [name], read))[0] ?? null]);
  return Object.fromEntries(await Promise.all(versions)) as Record<string, string | null>;
}

async function versionsIn(
  environment: Environment,
  packages: readonly string[],
  read: (file: string) => Promise<string | null>,
): Promise<string[]> {
  const locks = [...lockFiles(environment).values()].map(([lock]) => lock!);
  const texts = await Promise.all(locks.map(read));
  const versionIn = environment.type === 'npm' ? inNpmLock : inRequirements;
  return texts.flatMap((text) => packages.flatMap((name) => (text && versionIn(text, name)) ?? []));
}

const inRequirements = (text: string, name: string): string | null =>
  new RegExp(`^${escaped(name)}==([^\\s;\\\\]+)`, 'm').exec(text)?.[1] ?? null;

const inNpmLock = (text: string, name: string): string | null =>
  new RegExp(`"node_modules/${escaped(name)}": \\{\\s*"version": "([^"]+)"`).exec(text)?.[1] ?? null;

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

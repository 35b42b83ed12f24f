import { posix } from 'node:path';
import { z } from 'zod';
import { canonicalJson, sha256 as openSha256 } from '../base/canonical.ts';
import { assetsFile } from './place.ts';
import { assetTexts } from './texts.ts';
import { isJsonObject } from '../base/json.ts';
import { isAssetName, partsOf } from './name.ts';
import { explainGrammar } from '../yaml/explain.ts';
import { readYaml } from '../yaml/yaml.ts';
import type { StudyIssue } from '../yaml/texts.ts';
import { issueAt, readText, wholeFile, yamlIssues } from '../yaml/read.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'this must be a SHA-256: 64 hex digits, in lower case');
const bytes = z.int().min(1);
const text = z.string().min(1);
const inside = z.string().refine(isPlainPath, 'this must be a relative path, with / between folders and without ..');
// A folder's identity leaves hidden files out, so one that lists them would never be complete.
const shown = inside.refine(
  (path) => !path.split('/').some((part) => part.startsWith('.')),
  'hidden files are no part of an asset: leave it out',
);
const version = z.string().regex(/^[0-9][A-Za-z0-9.+!_-]*$/, 'this must be one exact version, such as `0.1.2`');

const sourceSchema = z
  .strictObject({
    pypi: z.strictObject({ package: packageName(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), version, file: inside }),
    npm: z.strictObject({
      package: packageName(/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/),
      version,
      file: inside,
    }),
    url: z.string().refine(isFileAddress, 'this must be the http(s) address of a file, whose path ends in its name'),
    huggingface: z.strictObject({
      repo: z
        .string()
        .regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/, 'this must be a repository, such as `owner/name`'),
      commit: z.string().regex(/^[0-9a-f]{40}$/, 'this must be a full commit, 40 hex digits: a branch moves'),
      /** One file, whose size and hash are those of the entry. */
      file: inside.optional(),
      /** A folder of files. */
      files: z
        .array(z.strictObject({ path: shown, bytes, sha256 }))
        .min(1)
        .optional(),
    }),
  })
  .partial()
  .refine((source) => Object.keys(source).length === 1, 'name one source: `pypi`, `npm`, `url` or `huggingface`');

const entrySchema = z
  .strictObject({
    description: text,
    licence: text,
    source: sourceSchema,
    bytes: bytes.optional(),
    sha256: sha256.optional(),
  })
  .superRefine(({ source: { pypi, npm, url, huggingface }, bytes: size, sha256: hash }, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', message });
    if (huggingface && (huggingface.file === undefined) === (huggingface.files === undefined))
      return problem('`huggingface` takes either `file`, or a list of `files`');
    const paths = huggingface?.files?.map(({ path }) => path.toLowerCase());
    if (paths && new Set(paths).size < paths.length) return problem('a path is listed twice in `files`');
    if (paths && (size !== undefined || hash !== undefined))
      return problem('each of `files` has its `bytes` and `sha256`; the entry itself has none');
    const file = pypi?.file ?? npm?.file ?? huggingface?.file ?? url?.replace(/[?#].*/s, '') ?? '';
    if (!paths && (partsOf(posix.basename(file))?.length ?? 0) > 1)
      return problem('this is one part of a model: list all of its parts in `files` of `huggingface`');
    if (!paths && (size === undefined || hash === undefined)) problem('`bytes` and `sha256` of the file are missing');
  });

const fileSchema = z.record(z.string(), entrySchema);
type Entry = z.infer<typeof entrySchema>;

export type Source = z.infer<typeof sourceSchema>;

/** A part of an asset's folder. */
export interface AssetFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** An entry of `studies/assets.yaml`. */
export interface Asset {
  name: string;
  description: string;
  licence: string;
  source: Source;
  bytes: number;
  /** Of the file; of a folder, over its files' relative paths and hashes. */
  sha256: string;
  /** Its name in the cache; engines choose a format by the ending. */
  fileName: string;
  /** null when the asset is a single file. */
  files: AssetFile[] | null;
}

export interface AssetManifest {
  assets: ReadonlyMap<string, Asset>;
  issues: StudyIssue[];
}

/**
 * Reads `studies/assets.yaml`; a workspace without the file has no assets. All problems of the file are in `issues`, and then
 * there are no assets. Throws nothing.
 */
export async function readAssets(workspaceRoot: string): Promise<AssetManifest> {
  const file = assetsFile(workspaceRoot);
  const read = await readText(workspaceRoot, file);
  if ('problem' in read) {
    const issues = read.code === 'ENOENT' ? [] : [wholeFile(file, read.problem)];
    return { assets: new Map(), issues };
  }
  const yaml = readYaml(read.text);
  const issues = yamlIssues(file, yaml);
  if (yaml.value === null) return { assets: new Map(), issues };
  if (!isJsonObject(yaml.value))
    return { assets: new Map(), issues: [...issues, wholeFile(file, assetTexts.notAMap(yaml.value))] };
  for (const name of Object.keys(yaml.value))
    if (!isAssetName(name)) issues.push(issueAt(file, yaml, { at: [name], key: true, ...assetTexts.badName(name) }));
  const parsed = fileSchema.safeParse(yaml.value);
  if (!parsed.success) {
    const problems = explainGrammar(parsed.error, yaml.value, fileSchema);
    issues.push(...problems.map((problem) => issueAt(file, yaml, problem)));
  }
  if (issues.length > 0 || !parsed.success) return { assets: new Map(), issues };
  const assets = await Promise.all(Object.entries(parsed.data).map(([name, entry]) => assetOf(name, entry)));
  return { assets: new Map(assets.map((asset) => [asset.name, asset])), issues };
}

/** The SHA-256 of a folder: of the canonical JSON of relative path → SHA-256, over its files. */
export async function folderHash(files: { path: string; sha256: string }[]): Promise<string> {
  const hash = await openSha256();
  return hash(canonicalJson(Object.fromEntries(files.map(({ path, sha256: one }) => [path, one]))));
}

async function assetOf(
  name: string,
  { description, licence, source, bytes: size, sha256: hash }: Entry,
): Promise<Asset> {
  const files = source.huggingface?.files ?? null;
  const shared = { name, description, licence, source, files };
  if (files)
    return {
      ...shared,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      sha256: await folderHash(files),
      fileName: name,
    };
  return { ...shared, bytes: size!, sha256: hash!, fileName: fileNameOf(source) };
}

function fileNameOf({ pypi, npm, huggingface, url }: Source): string {
  const path = pypi?.file ?? npm?.file ?? huggingface?.file ?? decodeURIComponent(new URL(url!).pathname);
  return posix.basename(path).replaceAll(/[^A-Za-z0-9._-]/g, '_');
}

function isFileAddress(url: string): boolean {
  if (!/^https?:\/\/[^\s/]+\/\S*[^\s/]$/.test(url)) return false;
  try {
    // The name of the file in the cache must not lead out of its folder.
    return !['', '.', '..'].includes(posix.basename(decodeURIComponent(new URL(url).pathname)));
  } catch {
    return false;
  }
}

function isPlainPath(path: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[\\\0-\x1f:]/.test(path) && path.split('/').every((part) => !['', '.', '..'].includes(part));
}

function packageName(pattern: RegExp) {
  return z.string().regex(pattern, 'this must be the name of a package');
}

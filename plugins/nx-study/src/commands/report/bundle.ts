import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, join, posix, resolve } from 'node:path';
import fastGlob from 'fast-glob';
import { Zip, ZipDeflate } from 'fflate';
import { temporaryBeside } from '../../base/whole-file.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Results } from '../../state/rows.ts';
import { crateOf } from './crate.ts';
import type { CrateFile } from './crate.ts';
import { PLAN_FILE } from '../../plan/planfile.ts';
import { TELEMETRY_FILE } from '../../record/telemetry.ts';
import { studyFolder } from '../../workspace/places.ts';

/** A file of the workspace, and where it lies in the bundle. */
interface Part {
  /** Absolute. */
  source: string;
  path: string;
  description: string;
}

/**
 * Writes a study with its report, its files and the records that the report shows into one zip file, which is an RO-Crate
 * (https://w3id.org/ro/crate/1.1): `report/index.html` opens on any machine. Files of results that stay on the machine that
 * made them, such as draws, are left out.
 * @param options.more - files in folders of the report, relative to it, that belong to this report.
 * @returns the path of the zip file, below `folder`.
 * @throws the system's error where a file can't be read or written.
 */
export async function writeBundle(
  workspaceRoot: string,
  folder: string,
  { results, more = [] }: { results: Results; more?: readonly string[] },
): Promise<string> {
  const file = `${folder}/${results.study}.zip`;
  const temporary = temporaryBeside(resolve(workspaceRoot, file));
  const fd = openSync(temporary, 'w');
  try {
    await zipInto(fd, results, partsOf(workspaceRoot, folder, { results, more }));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, resolve(workspaceRoot, file));
  return file;
}

async function zipInto(fd: number, results: Results, parts: readonly Part[]): Promise<void> {
  let failed: Error | null = null;
  const zip = new Zip((error, data) => {
    failed ??= error;
    if (!error) writeSync(fd, data);
  });
  const modified = latestOf(results);
  const add = (path: string, content: Uint8Array) => {
    const entry = new ZipDeflate(path);
    entry.mtime = modified;
    zip.add(entry);
    entry.push(content, true);
  };
  const files: CrateFile[] = [];
  for (const { source, path, description } of parts) {
    const content = await readFile(source);
    files.push({
      path,
      description,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    add(path, content);
  }
  add('ro-crate-metadata.json', Buffer.from(`${JSON.stringify(crateOf(results, modified, files), null, 2)}\n`));
  zip.end();
  if (failed !== null) throw failed as Error;
}

function partsOf(
  workspaceRoot: string,
  folder: string,
  { results: { study, rows }, more }: { results: Results; more: readonly string[] },
): Part[] {
  const own = readdirSync(resolve(workspaceRoot, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(zip|tmp)$/.test(entry.name))
    .map(({ name }) => name);
  const report = [...own.toSorted(), ...more].map((name) =>
    part(join(resolve(workspaceRoot, folder), name), posix.join('report', name), 'Of the report'),
  );
  const place = join(workspaceRoot, studyFolder(workspaceRoot, study));
  const studyFiles = fastGlob
    .sync(OF_STUDY, { cwd: place })
    .toSorted()
    .map((name) => part(join(place, name), posix.join('study', name), 'Of the study'));
  const records = measurementsOf(rows).flatMap(({ id, stored }) => {
    if (stored === null) return [];
    const local = new Set(stored.record.files.flatMap(({ path, local }) => (local ? [path] : [])));
    const documents = ['record.json', 'result.json', 'derived.json', TELEMETRY_FILE];
    const names = [...documents, ...stored.record.files.map(({ path }) => path)];
    return [...new Set(names)]
      .filter((name) => !local.has(name) && existsSync(join(stored.directory, name)))
      .map((name) =>
        part(join(stored.directory, name), posix.join('results', id, basename(stored.directory), name), `Of ${id}`),
      );
  });
  return [...report, ...studyFiles, ...records];
}

const OF_STUDY = ['study.yaml', PLAN_FILE, 'takes.json', 'accepted.json', 'accepted/*.json'];

const part = (source: string, path: string, description: string): Part => ({ source, path, description });

/** When the last of its attempts started: the same results give the same bundle. */
function latestOf({ rows }: Results): Date {
  const started = rows.flatMap(({ stored }) => (stored ? [stored.record.started_at] : [])).toSorted();
  // The first day that a zip file knows.
  return new Date(started.at(-1) ?? '1980-01-02T00:00:00Z');
}

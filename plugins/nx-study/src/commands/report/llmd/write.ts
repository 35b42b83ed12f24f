import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sha256 } from '../../../base/canonical.ts';
import { writeDurably } from '../../../record/durable.ts';
import type { Results, Row } from '../../../state/rows.ts';
import { exportedOf, leftOut } from './exported.ts';
import { benchmarkReportOf } from './report.ts';
import { llmdTexts as texts } from './texts.ts';
import { portableYaml } from './yaml.ts';

/**
 * Replaces the folder `llm-d` of a study's report: a Benchmark Report of llm-d for each measured workload of a language
 * model, `<id>.yaml` or, where its measurement has several, `<id>-<number>.yaml`, from 1. Where several machines measured
 * the same, the names of the later ones end in `~2`, `~3`, ….
 * @param folder - of the report, relative to the workspace or absolute.
 * @returns the files, relative to `folder`, and lines for a person, which name the measurements that are left out.
 * @throws the system's error where a file can't be written.
 */
export async function writeBenchmarkReports(
  workspaceRoot: string,
  folder: string,
  { rows }: Results,
): Promise<{ files: string[]; lines: string[] }> {
  const exported = exportedOf(rows);
  const root = resolve(workspaceRoot, folder, 'llm-d');
  await rm(root, { recursive: true, force: true });
  const reasons = leftOut(rows, exported);
  const without = reasons.length > 0 ? [texts.without(reasons)] : [];
  if (exported.length === 0) return { files: [], lines: [texts.nothing, ...without] };
  await mkdir(root, { recursive: true });
  const hash = await sha256();
  const files: string[] = [];
  for (const one of exported) {
    const name = freeName(one.row, files);
    await writeDurably(join(root, name), portableYaml(benchmarkReportOf(one, hash)));
    files.push(name);
  }
  return {
    files: files.map((name) => `llm-d/${name}`),
    lines: [texts.written(files.length, `${folder}/llm-d`), ...without],
  };
}

function freeName({ id, part }: Row, taken: readonly string[]): string {
  const stem = part.of > 1 ? `${id}-${part.index + 1}` : id;
  let name = `${stem}.yaml`;
  for (let copy = 2; taken.includes(name); copy += 1) name = `${stem}~${copy}.yaml`;
  return name;
}

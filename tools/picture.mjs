// Draws docs/senate-beta-prior.svg, the tasks of a study as Nx sees them: `node tools/picture.mjs`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STUDY = 'senate-beta-prior';
const BOX = { width: 190, height: 56, gap: 46, margin: 12 };

const repository = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'nx-study-picture-'));
const graphFile = join(scratch, 'graph.json');
execFileSync('npx', ['nx', 'run', `${STUDY}:measure`, `--graph=${graphFile}`], { cwd: repository, stdio: 'ignore' });
const { tasks, dependencies } = JSON.parse(readFileSync(graphFile, 'utf8')).tasks;
rmSync(scratch, { recursive: true });
writeFileSync(join(repository, 'docs', `${STUDY}.svg`), drawing(boxes()));

/** The tasks in the order in which they run, each below the ones that it depends on. */
function boxes() {
  const depth = (id) => Math.max(-1, ...dependencies[id].map((one) => depth(one.id))) + 1;
  return Object.keys(tasks)
    .toSorted((a, b) => depth(a) - depth(b))
    .map((id, column) => ({ id, x: BOX.margin + column * (BOX.width + BOX.gap) }));
}

function drawing(all) {
  const place = new Map(all.map(({ id, x }) => [id, x]));
  const arrows = all.flatMap(({ id }) =>
    // The study's own task depends on all; its arrow from the last one stands for them.
    dependencies[id]
      .filter((_, index, list) => index === list.length - 1)
      .map((one) => arrow(place.get(one.id), place.get(id))),
  );
  const width = all.at(-1).x + BOX.width + BOX.margin;
  const height = BOX.height + 2 * BOX.margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13">
  <title>${all.map(({ id }) => id).join(' → ')}</title>
  <defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto"><path d="M0 0 8 4 0 8Z" fill="#57606a" /></marker></defs>
${[...all.map(box), ...arrows].join('\n')}
</svg>
`;
}

function box({ id, x }) {
  const [project] = id.split(':');
  const isStudy = project === STUDY;
  const [first, second] = isStudy
    ? [project, 'checks that all are measured']
    : [project.slice(STUDY.length + 1), ':measure'];
  const middle = x + BOX.width / 2;
  return `  <g><rect x="${x}" y="${BOX.margin}" width="${BOX.width}" height="${BOX.height}" rx="8" fill="${isStudy ? '#ddf4ff' : '#f6f8fa'}" stroke="#57606a" />
    <text x="${middle}" y="${BOX.margin + 24}" text-anchor="middle" fill="#1f2328" font-weight="bold">${first}</text>
    <text x="${middle}" y="${BOX.margin + 43}" text-anchor="middle" fill="#57606a">${second}</text></g>`;
}

function arrow(from, to) {
  const y = BOX.margin + BOX.height / 2;
  return `  <path d="M${from + BOX.width} ${y}H${to - 2}" stroke="#57606a" stroke-width="1.5" fill="none" marker-end="url(#tip)" />`;
}

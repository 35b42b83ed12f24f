import { expect, it } from 'vitest';
import { commit, createWorkspace } from '../helpers/workspace.ts';

// What steers a terminal, or turns its text around; without a line feed.
const CODES = [...Array(10).keys(), ...range(0x0b, 0x1f), ...range(0x7f, 0x9f), 0x61c, 0x200e, 0x200f];
const HOSTILE = [...CODES, ...range(0x2028, 0x202e), ...range(0x2066, 0x2069)]
  .map((code) => String.fromCodePoint(code))
  .join('');
const RAW = new RegExp(`[${HOSTILE.replaceAll(/[\]\\^-]/g, String.raw`\$&`)}]`, 'u');

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** In double quotes, for JSON and YAML. */
const text = (word: string) =>
  JSON.stringify(`${word}\u{1B}[2J\u{202E}${HOSTILE}`).replaceAll(
    /[\u{7F}-\u{FFFF}]/gu,
    (one) => `\\u${one.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );

const manifest = {
  protocol: 1,
  kind: 'values',
  description: 'Says what it should not',
  commands: { measure: ['sh', '{worker}/measure.sh', '{run}'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
};
const schema = `{"type": "object", "additionalProperties": false, "properties": {
  "fails": {"type": "boolean"}, ${text('key')}: {"type": "string"}}}`;

const measure = `cd "$1" || exit 1
cat "$(dirname "$0")/log.txt"
cat "$(dirname "$0")/events.jsonl" > events.jsonl
if grep -q '"fails": true' request.json; then cat "$(dirname "$0")/failure.jsonl" >> events.jsonl; exit 3; fi
cat "$(dirname "$0")/result.json" > result.json.tmp
mv result.json.tmp result.json
`;
const files = {
  'workers/evil/worker.json': JSON.stringify(manifest),
  'workers/evil/config.schema.json': schema,
  'workers/evil/measure.sh': measure,
  'workers/evil/log.txt': `log ${HOSTILE}\n`,
  'workers/evil/events.jsonl': `{"t": 1, "event": "phase", "phase": ${text('phase')}}
{"t": 2, "event": "warning", "code": ${text('code')}, "message": ${text('warning')}}\n`,
  'workers/evil/failure.jsonl': `{"t": 3, "event": "failure", "type": "crash", "message": ${text('failure')}}\n`,
  'workers/evil/result.json': `{"protocol": 1, "kind": "values", "payload": {${text('name')}: 1, "none_s": null, "reasons": {"none_s": ${text('reason')}}}}`,
  // A folder's name has no slash, and no zero.
  [`studies/folder\u{1B}[31m\u{202E}/study.yaml`]: 'worker: evil\n',
  'studies/broken/study.yaml': `worker: evil\n${text('unknown')}: 1\nbase: {${text('setting')}: 1}\n`,
};
const study = `
worker: evil
description: ${text('description')}
base: {${text('key')}: ${text('value')}}
sweep: {fails: [true, false]}
`;

it('no control character of a worker or a study reaches the terminal', async () => {
  const workspace = await createWorkspace({ workers: [], studies: { evil: study }, files });
  await commit(workspace);
  const told = async (args: string[]) => {
    const { all } = await workspace.nx(args);
    expect(RAW.exec(all)?.[0].codePointAt(0), `${args.join(' ')}\n${JSON.stringify(all)}`).toBeUndefined();
    return all;
  };
  const escaped = String.raw`\x1b[2J\u202e`;

  expect(await told(['run', 'evil:plan'])).toContain('description');
  expect(await told(['show', 'projects'])).toContain('folder');
  expect(await told(['show', 'project', 'evil'])).toContain('evil');
  const measured = await told(['run-many', '-t', 'measure', '--projects=evil*']);
  expect(measured).toContain(`failure${escaped}`);
  expect(measured).toContain('log ');
  expect(await told(['run-many', '-t', 'measure', '--projects=evil*', '--batch=false'])).toContain(`failure${escaped}`);
  const report = await told(['run', 'evil:report', '--width=300']);
  for (const word of ['description', 'failure', 'code', 'warning', 'name', 'reason']) expect(report).toContain(word);
  expect(await told(['run', 'evil:status'])).toContain('failure');
  // In JSON escapes are the same text.
  const json = await told(['run', 'evil:status', '--json']);
  const { failures } = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1)) as {
    failures: { message: string }[];
  };
  expect(failures[0]!.message).toBe(JSON.parse(text('failure')));
  expect(await told(['run', 'evil:plan', '--json'])).toContain('description');
  await told(['run', 'evil:remeasure']);
  await told(['run', 'evil:accept', `--because=x`]);
  const broken = await told(['run', 'broken:plan']);
  expect(broken).toContain(`unknown key \`unknown${escaped}`);
});

it.each(['stream', 'static-failures-only'])('with --outputStyle=%s each message is printed once', async (style) => {
  const workspace = await createWorkspace({ workers: [], studies: { evil: study }, files });
  await commit(workspace);
  const { all } = await workspace.nx(['run-many', '-t', 'measure', '--projects=evil*', `--outputStyle=${style}`]);
  expect(all.split('[1/2] evil fails-true: failed')).toHaveLength(2);
  expect(all.split('[2/2] evil fails-false: measured')).toHaveLength(2);
});

it('help describes every option, and what no command has is refused before anything is measured', async () => {
  const workspace = await createWorkspace({ workers: [], studies: { evil: study }, files });
  await commit(workspace);
  const id = (await workspace.nx(['show', 'projects'])).all.split('\n').find((name) => name.startsWith('evil.'))!;
  for (const task of ['evil:plan', `${id}:measure`]) {
    const { all } = await workspace.nx(['run', task, '--help']);
    expect(all).toContain('--study');
    expect(all).not.toContain('undefined');
  }
  const report = await workspace.nx(['run', 'evil:report', '--colums=200']);
  expect(report.exitCode).not.toBe(0);
  expect(report.all).toContain('unknown option --colums. Did you mean `columns`?');
  const measured = await workspace.measure(['--seed=7', '--retry']);
  expect(measured.exitCode).not.toBe(0);
  expect(measured.all).toContain("from the study's plan, and none by hand (--seed, --retry)");
  expect(workspace.finished('evil')).toEqual([]);
});

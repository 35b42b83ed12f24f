// Times how Node serializes objects: put your own code in its place.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';

const run = process.argv[2];
const { configuration } = JSON.parse(readFileSync(join(run, 'request.json'), 'utf8'));
const { format, objects, calls } = configuration;
const value = Array.from({ length: objects }, (_, id) => ({ id, name: `object ${id}`, half: id / 2 }));
const write = { json: () => Buffer.from(JSON.stringify(value)), v8: () => serialize(value) }[format];

const times = [];
let output;
for (let call = 0; call < calls; call += 1) {
  const start = performance.now();
  output = write();
  times.push((performance.now() - start) / 1000);
}

// The name of a value ends with its unit. A result is complete when it has its name.
const payload = { write_median_s: median(times), output_bytes: output.length };
writeFileSync(join(run, 'result.json.tmp'), JSON.stringify({ protocol: 1, kind: 'values', payload }));
renameSync(join(run, 'result.json.tmp'), join(run, 'result.json'));

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

// The documents of the worker protocol that are published as JSON Schema, by the name of their file. To be imported where TypeScript can be.
import { join } from 'node:path';

const source = join(import.meta.dirname, '../plugins/nx-study/src');
const { PROTOCOL, manifestSchema } = await import(join(source, 'worker/manifest.ts'));
const { constraintsSchema } = await import(join(source, 'worker/constraints.ts'));
const { requestSchema } = await import(join(source, 'worker/request.ts'));
const { eventSchema } = await import(join(source, 'worker/events.ts'));
const { resultSchema } = await import(join(source, 'worker/result.ts'));
const { answerSchema, questionSchema } = await import(join(source, 'check/answer.ts'));
const { RECORD_VERSION, derivedSchema, recordSchema } = await import(join(source, 'record/schema.ts'));
const { doctorAnswerSchema } = await import(join(source, 'check/doctor-answer.ts'));
const { gateNames, kindOf } = await import(join(source, 'kinds/index.ts'));

const protocol = (name) => `urn:nx-study:protocol:${PROTOCOL}:${name}`;
const record = (name) => `urn:nx-study:record:${RECORD_VERSION}:${name}`;
const input = (id, title, schema) => ({ id, title, io: 'input', schema });
const output = (id, title, schema) => ({ id, title, io: 'output', schema });

export const contracts = {
  worker: input(protocol('worker'), 'worker.json: what a worker needs and how it is started', manifestSchema),
  constraints: input(protocol('constraints'), 'constraints.json: what an engine refuses', constraintsSchema),
  request: output(protocol('request'), 'request.json: what to measure', requestSchema),
  event: input(protocol('event'), 'One line of events.jsonl', eventSchema),
  result: input(protocol('result'), 'result.json: what a worker measured', resultSchema),
  'check-input': output(protocol('check-input'), 'What a check reads from stdin', questionSchema),
  'check-answer': input(protocol('check-answer'), 'What a check writes to stdout', answerSchema),
  'doctor-answer': input(protocol('doctor-answer'), 'What a doctor command writes to stdout', doctorAnswerSchema),
  record: output(record('record'), 'record.json: the outcome of one attempt at a measurement', recordSchema),
  derived: output(record('derived'), 'derived.json: what was computed of a result', derivedSchema),
  ...Object.fromEntries(
    Object.keys(gateNames)
      .map(kindOf)
      .flatMap(({ name, payload, derived }) => [
        [`${name}.payload`, input(protocol(`${name}:payload`), `The payload of result.json, kind ${name}`, payload)],
        ...(derived
          ? [[`${name}.derived`, input(protocol(`${name}:derived`), `What derive writes, kind ${name}`, derived)]]
          : []),
      ]),
  ),
};

import { origin_ns } from '../../../../../workers/endpoint/src/threads/clock.ts';

process.on('message', () => process.send!(performance.now() / 1000));
process.send!(String(origin_ns()));

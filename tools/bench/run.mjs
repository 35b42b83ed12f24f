// Measures nx-study against peers in the same run, and prints Markdown tables.
// Usage: npm run bench -- [tasks | status | report | supervision | inference | server | posterior | whole-fit | coverage | recovery | slurm]
//                         [--pairs 5] [--measurements 1000] [--seconds 60] [--cpus 1] [--llama-bench PATH]
//                         [--simulations 10000] [--fits 20] [--roll-calls 60,500] [--packs 1,20]
//                         [--users 1,64,256] [--rates 50,200] [--per-chunk 1,4] [--peers aiperf,guidellm] [--most-peer-users 1024]
//                         [--client-threads 1,2]
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '5' },
    measurements: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    // That the load for supervision takes.
    cpus: { type: 'string', default: String(cpus().length) },
    // Built from the binding's own sources when it is not given, which takes a quarter of an hour.
    'llama-bench': { type: 'string' },
    simulations: { type: 'string', default: '10000' },
    // Simulated chambers for each structure of the ideal-point model.
    fits: { type: 'string', default: '20' },
    // Of fits from start to end.
    'roll-calls': { type: 'string', default: '60,500' },
    // Measurements of one job.
    packs: { type: 'string', default: '1,20' },
    // Of closed loops, and requests/s of open ones.
    users: { type: 'string', default: '1,64,256,512,1024,2048' },
    rates: { type: 'string', default: '50,200,400' },
    'per-chunk': { type: 'string', default: '1' },
    peers: { type: 'string', default: 'aiperf,guidellm' },
    'most-peer-users': { type: 'string', default: '1024' },
    // Of our worker, beside each other; empty: as many as it chooses.
    'client-threads': { type: 'string', default: '' },
  },
});
const pairs = Number(values.pairs);
const listOf = (text) => (text === '' ? [] : text.split(',').map(Number));

// Each is loaded for itself: what one of them loads, such as Nx, would take CPU time while another measures.
const benches = {
  tasks: async () => (await import('./tasks/run.mjs')).benchTasks(Number(values.measurements), pairs),
  status: async () => (await import('./status/run.mjs')).benchStatus(10_000, pairs),
  report: async () => (await import('./report/run.mjs')).benchReport([1000, 10_000, 50_000], pairs),
  supervision: async () =>
    (await import('./supervision/run.mjs')).benchSupervision({
      rounds: pairs,
      seconds: Number(values.seconds),
      cpus: Number(values.cpus),
    }),
  inference: async () =>
    (await import('./inference/run.mjs')).benchInference({ pairs, llamaBench: values['llama-bench'] }),
  server: async () =>
    (await import('./server/run.mjs')).benchServer({
      pairs,
      users: listOf(values.users),
      rates: listOf(values.rates),
      perChunk: listOf(values['per-chunk']),
      seconds: Number(values.seconds),
      peers: values.peers === '' ? [] : values.peers.split(','),
      mostPeerUsers: Number(values['most-peer-users']),
      clientThreads: listOf(values['client-threads']),
    }),
  posterior: async () => (await import('./posterior/run.mjs')).benchPosterior(pairs),
  'whole-fit': async () => (await import('./posterior/whole.mjs')).benchWholeFits(listOf(values['roll-calls']), pairs),
  coverage: async () => (await import('./coverage/run.mjs')).benchCoverage(Number(values.simulations)),
  slurm: async () => (await import('./slurm/run.mjs')).benchSlurm(Number(values.measurements), listOf(values.packs)),
  recovery: async () => (await import('./recovery/run.mjs')).benchRecovery(Number(values.fits)),
};

console.log(
  `${cpus().length} cores, load ${loadavg()[0].toFixed(1)} at the start, ${pairs} interleaved rounds, medians\n`,
);
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) await benches[name]();

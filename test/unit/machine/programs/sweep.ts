// As a run that begins later: sweeps the folder for temporary files, and says what it removed.
import { sweepTemporary } from '../../../../plugins/nx-study/src/machine/temporary.ts';

console.log(JSON.stringify(await sweepTemporary()));

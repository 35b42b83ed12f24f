// Keeps the machine awake by the systemd-inhibit on the PATH, says so, and waits.
import { keepAwake } from '../../../../plugins/nx-study/src/machine/awake.ts';

const { by } = await keepAwake({ platform: 'linux', systemd: process.argv[2]! });
console.log(by.value);
setInterval(() => {}, 60_000);

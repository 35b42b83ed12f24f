import { disturbAll, SOME } from './moments.ts';

disturbAll('nx', SOME.nx);

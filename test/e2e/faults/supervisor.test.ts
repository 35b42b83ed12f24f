import { disturbAll, SOME } from './moments.ts';

disturbAll('supervisor', SOME.supervisor);

import { disturbAll } from './moments.ts';

disturbAll('supervisor');

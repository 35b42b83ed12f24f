import { disturbAll } from './moments.ts';

disturbAll('nx');

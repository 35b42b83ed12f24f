export { createNodes, name } from './graph/plugin.ts';

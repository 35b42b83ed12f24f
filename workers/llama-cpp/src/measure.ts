import { run } from '../../kits/node/index.ts';
import { measureInference } from '../../kits/node/inference/index.ts';
import { modulesFolder } from './binding.ts';
import { LlamaCpp } from './engine.ts';

await run((task) => measureInference(task, new LlamaCpp(task), { modules: modulesFolder() }));

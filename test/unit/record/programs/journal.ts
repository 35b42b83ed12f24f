// Writes a line into the journal of study s, and says why it could not.
import { writeJournal } from '../../../../plugins/nx-study/src/record/journal.ts';

await writeJournal(process.argv[2]!, 's', { id: 'a', event: 'started', digest: 'd' }, console.log);

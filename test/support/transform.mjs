// Jest runs exactly the code that Node runs: types are blanked out in place, so lines and columns stay true.
import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

export default {
  process: (source, file) => ({
    code: file.endsWith('.ts') ? stripTypeScriptTypes(source, { mode: 'strip' }) : source,
  }),
  getCacheKey: (source, file) => createHash('sha256').update(`${process.version}\0${file}\0${source}`).digest('hex'),
};

import { stripTypeScriptTypes } from 'node:module';

/** Jest's transformer: the same type stripping that Node itself does, so tests run what production runs. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
};

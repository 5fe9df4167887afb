/** The sources as `test/support/ts-loader.js` loads them, with a note at the start of each function. */
import { register } from 'node:module';

register('./traced-loader-hooks.js', import.meta.url);

// Links the libraries of the package given, and says with which environment they are found.
import { linkLibraries } from '../../src/libraries.js';
import { say } from './say.js';

const [packageDir = '', fallbackDir = ''] = process.argv.slice(2);
say(await linkLibraries(packageDir, fallbackDir));

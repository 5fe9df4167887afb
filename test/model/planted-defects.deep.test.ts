import { describePlanted } from './finds-planted.js';
import { PLANTED } from './planted-defects.js';

describePlanted(PLANTED.slice(1));

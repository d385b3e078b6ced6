import type { Reach } from '@muster/client';
import { version } from '../package.json';

/** How this page reaches the server: it says its version, as servers may refuse what is too old. */
export const reach: Reach = { version };

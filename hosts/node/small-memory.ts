import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the process small: V8 would rather take memory than collect, and holds several times what is in use.
 * To be imported before anything else. The price is processor time of this process, which waits for servers most of its time.
 */
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--max-semi-space-size=4');
setFlagsFromString('--heap-growing-percent=20');

import { expect, it } from 'vitest';
import { ownedGtids } from './visible-view.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '3e11fa47-71ca-11e1-9e33-c80aa9429563';

it.each<[string, readonly string[]]>([
  ['', []],
  [`${A}:5#12`, [`${A}::5`]],
  [`${A}:5#12:7#13,\n${B}:1#4`, [`${A}::5`, `${A}::7`, `${B}::1`]],
  [`${A}:5#12:web:5#14`, [`${A}::5`, `${A}:web:5`]],
])('reads the transactions under way from %j', (text, owned) => {
  expect([...ownedGtids(text)]).toEqual(owned);
});

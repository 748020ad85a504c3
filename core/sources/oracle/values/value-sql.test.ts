import { expect, it } from 'vitest';
import { outputText } from './output-text.ts';
import { boundText } from './value-sql.ts';

it('sends texts for national columns in ASCII, as UNISTR reads them', () => {
  const national = { tag: 'varchar', isNational: true, characters: 10 } as const;
  expect(boundText(national, 'ünï\\ ☃ 😀')).toBe('\\00FCn\\00EF\\005C \\2603 \\D83D\\DE00');
  expect(boundText({ tag: 'varchar', isNational: false, characters: 10 }, 'ünï\\')).toBe('ünï\\');
});

it('prints what the driver gives, exactly', () => {
  expect(outputText(0.1)).toBe('0.1');
  expect(outputText(-0)).toBe('-0');
  expect(outputText(Number.NaN)).toBe('NaN');
  expect(outputText(Buffer.from([0, 255, 126]))).toBe('00FF7E');
  expect(outputText('12')).toBe('12');
  expect(outputText(null)).toBeNull();
});

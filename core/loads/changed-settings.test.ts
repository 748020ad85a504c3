import { describe, expect, it } from 'vitest';
import type { CopiedSettings } from '../catalog/copied-settings.ts';
import { changedSettings } from './changed-settings.ts';

const copied: CopiedSettings = {
  transfer: 'history',
  history: { startColumn: 'valid_from', endColumn: 'valid_to', openEndDate: '9999-12-31' },
  mask: ['salary', 'birth'],
  typeChange: { a: '@S', b: '@I' },
  database: 'shop',
  name: 'customer',
};
const change = (now: Partial<CopiedSettings>) => changedSettings('public.customer', copied, { ...copied, ...now });

it('nothing changed is nothing wrong, in whatever order it stands', () => {
  expect(change({})).toBeNull();
  expect(change({ mask: ['birth', 'salary'], typeChange: { b: '@I', a: '@S' } })).toBeNull();
});

describe('what was changed is named with before and after', () => {
  it.each([
    ['PS1013', { transfer: 'mirror', history: null }, 'transfer was history when it was copied, and is mirror'],
    [
      'PS1013',
      { history: { startColumn: 'valid_from', endColumn: 'valid_to', openEndDate: '2099-12-31' } },
      'history.openEndDate was 9999-12-31 when it was copied, and is 2099-12-31',
    ],
    [
      'PS1013',
      { history: { startColumn: 'since', endColumn: 'until', openEndDate: '9999-12-31' } },
      'history.startColumn was valid_from when it was copied, and is since; history.endColumn was valid_to',
    ],
    ['PS1013', { name: 'shop_customer' }, 'place at the destination was shop.customer when it was copied'],
    ['PS1014', { mask: ['salary'] }, 'mask was birth, salary when it was copied, and is salary'],
    ['PS1014', { mask: [] }, 'and is empty'],
    ['PS1014', { typeChange: { a: '@S', b: '@L' } }, 'typeChange was a @S, b @I when it was copied, and is a @S, b @L'],
    ['PS1014', { mask: [], database: 'other' }, 'place at the destination'],
  ] as const)('%s %j', (code, now, message) => {
    const error = change(now);
    expect(error).toMatchObject({ code, table: 'public.customer' });
    expect(error?.message).toContain(message);
    expect(error?.remedy).toContain('penstock full-extract --table public.customer');
    expect(error?.remedy.includes('Set back')).toBe(code === 'PS1013');
  });
});

import { describe, expect, it } from 'vitest';
import type { SecretReference, Secrets } from '../../core/host/host.ts';

/** Secrets of one kind that can be changed from outside, as a rotation does it. */
export interface TestedSecrets extends AsyncDisposable {
  readonly secrets: Secrets;
  /** Sets a secret's text; @returns how settings refer to it. */
  readonly set: (name: string, text: string) => Promise<SecretReference>;
  /** A reference to a secret that does not exist. */
  readonly missing: SecretReference;
}

/** What every host's secrets promise. */
export function secretsContract(name: string, open: () => Promise<TestedSecrets>): void {
  describe(`secrets: ${name}`, () => {
    it('are read as they are, with spaces, quotes and letters of any script', async () => {
      await using tested = await open();
      for (const text of ['plain', ' a "quoted" \\ one ', 'pässwörd-密码-🔑', '{not json}', '42']) {
        expect(await tested.secrets.read(await tested.set('one', text))).toBe(text);
      }
    });

    it('are read anew each time', async () => {
      await using tested = await open();
      const reference = await tested.set('rotated', 'before');
      expect(await tested.secrets.read(reference)).toBe('before');
      await tested.set('rotated', 'after');
      expect(await tested.secrets.read(reference)).toBe('after');
    });

    it('that are missing or empty are PS1002, which somebody has to mend, and the message holds no secret', async () => {
      await using tested = await open();
      await tested.set('other', 'never-to-be-told');
      const empty = await tested.set('empty', '');
      for (const reference of [tested.missing, empty]) {
        const error: unknown = await tested.secrets.read(reference).catch((caught: unknown) => caught);
        expect(error).toMatchObject({ code: 'PS1002', retry: 'manual', remedy: expect.stringMatching(/\S/) as string });
        expect(String(error)).not.toContain('never-to-be-told');
      }
    });
  });
}

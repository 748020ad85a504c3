import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import type { ReactElement } from 'react';

/** A new password and its repetition; both empty: the one that is there stays. */
export interface PasswordDraft {
  readonly password: string;
  readonly repeated: string;
}

export const NO_PASSWORD: PasswordDraft = { password: '', repeated: '' };

interface Properties {
  readonly draft: PasswordDraft;
  readonly onChange: (draft: PasswordDraft) => void;
  readonly isSet: boolean;
  readonly problem: string | null;
  readonly disabled: boolean;
  /** What it is called; default: a password. */
  readonly names?: { readonly label: string; readonly confirm: string };
}

const NAMES = { label: 'Password', confirm: 'Confirm password' };

/** Write-only: what is kept is never shown, and no answer of the API holds it. */
export function PasswordFields({ draft, onChange, isSet, problem, disabled, names = NAMES }: Properties): ReactElement {
  const placeholder = isSet ? 'Set; leave empty to keep it' : 'Not set';
  const isDifferent = draft.repeated !== '' && draft.password !== draft.repeated;
  return (
    <ColumnLayout columns={2}>
      <FormField
        label={names.label}
        description="Kept in a file that only its owner reads; it is never shown again."
        errorText={problem}
      >
        <Input
          type="password"
          value={draft.password}
          placeholder={placeholder}
          autoComplete="new-password"
          disabled={disabled}
          onChange={({ detail }) => onChange({ ...draft, password: detail.value })}
        />
      </FormField>
      <FormField
        label={names.confirm}
        description="The same once more."
        errorText={isDifferent ? 'The two passwords differ' : null}
      >
        <Input
          type="password"
          value={draft.repeated}
          placeholder={placeholder}
          autoComplete="new-password"
          disabled={disabled}
          onChange={({ detail }) => onChange({ ...draft, repeated: detail.value })}
        />
      </FormField>
    </ColumnLayout>
  );
}

import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Popover from '@cloudscape-design/components/popover';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import { parseTypeChange, typeChangeText, TYPE_CHANGES } from './type-change.ts';

interface Properties {
  readonly column: string;
  /** What it becomes without a change. */
  readonly type: string;
  readonly text: string | undefined;
  readonly disabled: boolean;
  readonly onChange: (text: string | null) => void;
}

/** Another type for a column, and the format of a date or a timestamp. */
export function TypeChangeInput({ column, type, text, disabled, onChange }: Properties): ReactElement {
  const chosen = parseTypeChange(text);
  const options = [
    { value: '', label: `As it is: ${type}` },
    ...TYPE_CHANGES.map(({ letter, label }) => ({ value: letter, label })),
  ];
  const kind = TYPE_CHANGES.find(({ letter }) => letter === chosen?.letter);
  return (
    <SpaceBetween size="xxs">
      <Select
        selectedOption={options.find(({ value }) => value === (chosen?.letter ?? '')) ?? null}
        options={options}
        disabled={disabled}
        ariaLabel={`Type of ${column}`}
        expandToViewport
        onChange={({ detail }) => {
          const letter = detail.selectedOption.value ?? '';
          onChange(letter === '' ? null : typeChangeText(letter));
        }}
      />
      {kind === undefined || kind.format === null ? null : (
        <Input
          value={chosen?.format ?? ''}
          disabled={disabled}
          ariaLabel={`Format of ${column}`}
          spellcheck={false}
          invalid={chosen?.format === ''}
          onChange={({ detail }) => onChange(typeChangeText(kind.letter, detail.value))}
        />
      )}
    </SpaceBetween>
  );
}

const LETTERS = [
  ['yyyy', 'year with four digits; yy with two: 1970 to 2069'],
  ['MM', 'month as a number; MMM or MMMM as an English name'],
  ['dd', 'day of the month'],
  ['HH', 'hour 0 to 23; hh with a: 1 to 12 with AM or PM'],
  ['mm ss', 'minute, second'],
  ['SSS', 'fraction of a second, up to six digits'],
  ["'T'", "text between quotes stands as it is; '' is a quote"],
] as const;

/** What the letters of a format mean. */
export function TypeChangeHelp(): ReactElement {
  return (
    <Popover
      header="TChange: another type"
      size="large"
      dismissAriaLabel="Close"
      triggerType="custom"
      content={
        <SpaceBetween size="xs">
          <div>
            The text of a value is read as the chosen type. A value that cannot be read so does not fit: it stops its
            table or is set aside, it is never changed silently. Dates and timestamps need a format:
          </div>
          <ul>
            {LETTERS.map(([letters, meaning]) => (
              <li key={letters}>
                <Box variant="code">{letters}</Box> {meaning}
              </li>
            ))}
          </ul>
          <div>
            Examples: <Box variant="code">yyyyMMdd</Box>, <Box variant="code">dd.MM.yyyy HH:mm:ss</Box>
          </div>
        </SpaceBetween>
      }
    >
      <Link variant="info">Help</Link>
    </Popover>
  );
}

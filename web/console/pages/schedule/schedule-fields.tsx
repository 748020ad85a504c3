import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TimeInput from '@cloudscape-design/components/time-input';
import type { ReactElement } from 'react';
import { OFFSET_UNITS, PERIOD_UNITS, WEEKDAYS, type Amounts, type ScheduleDraft } from './schedule-draft.ts';

interface Properties {
  readonly draft: ScheduleDraft;
  readonly onChange: (draft: ScheduleDraft) => void;
  /** By path in the section. */
  readonly problems: ReadonlyMap<string, string>;
  readonly disabled: boolean;
}

/** What the chosen kind of schedule needs to know. */
export function ScheduleFields(properties: Properties): ReactElement | null {
  const { draft, onChange, problems, disabled } = properties;
  switch (draft.kind) {
    case 'automatic':
    case 'manual':
      return null;
    case 'periodic':
      return (
        <SpaceBetween size="l">
          <AmountFields
            label="Every"
            description="Runs are counted from 1 January 1970, 00:00 UTC: a period of one day runs at midnight UTC."
            units={PERIOD_UNITS}
            amounts={draft.every}
            problem={problemAt(problems, 'every')}
            disabled={disabled}
            onChange={(every) => onChange({ ...draft, every })}
          />
          <AmountFields
            label="Offset"
            description="Every run is later by this; less than the period."
            units={OFFSET_UNITS}
            amounts={draft.offset}
            problem={problemAt(problems, 'offset')}
            disabled={disabled}
            onChange={(offset) => onChange({ ...draft, offset })}
          />
        </SpaceBetween>
      );
    case 'daily':
      return <TimeFields {...properties} />;
    case 'weekly':
      return (
        <SpaceBetween size="l">
          <WeekdayFields {...properties} />
          <TimeFields {...properties} />
        </SpaceBetween>
      );
    case 'monthly':
      return (
        <SpaceBetween size="l">
          <FormField
            label="Day of the month"
            description="The last day where a month has no such day."
            errorText={problemAt(problems, 'day')}
          >
            <Input
              value={draft.day}
              onChange={({ detail }) => onChange({ ...draft, day: detail.value.trim() })}
              inputMode="numeric"
              autoComplete={false}
              disabled={disabled}
            />
          </FormField>
          <TimeFields {...properties} />
        </SpaceBetween>
      );
  }
}

/** Of the field itself, or of what lies in it. */
function problemAt(problems: ReadonlyMap<string, string>, path: string): string | null {
  const found = [...problems].find(([at]) => at === path || at.startsWith(`${path}.`));
  return found?.[1] ?? null;
}

interface AmountProperties {
  readonly label: string;
  readonly description: string;
  readonly units: readonly string[];
  readonly amounts: Amounts;
  readonly problem: string | null;
  readonly disabled: boolean;
  readonly onChange: (amounts: Amounts) => void;
}

function AmountFields(properties: AmountProperties): ReactElement {
  const { label, description, units, amounts, problem, disabled, onChange } = properties;
  return (
    <FormField label={label} description={description} errorText={problem}>
      <SpaceBetween direction="horizontal" size="s">
        {units.map((unit) => (
          <FormField key={unit} constraintText={unit}>
            <Input
              value={amounts[unit] ?? ''}
              onChange={({ detail }) => onChange({ ...amounts, [unit]: detail.value })}
              ariaLabel={`${label}, ${unit}`}
              placeholder="0"
              inputMode="numeric"
              autoComplete={false}
              disabled={disabled}
            />
          </FormField>
        ))}
      </SpaceBetween>
    </FormField>
  );
}

function TimeFields({ draft, onChange, problems, disabled }: Properties): ReactElement {
  const zones = zoneNames(draft.zone).map((value) => ({ value }));
  return (
    <SpaceBetween direction="horizontal" size="l">
      <FormField label="At" constraintText="24 hours, HH:MM" errorText={problemAt(problems, 'at')}>
        <TimeInput
          value={draft.at}
          onChange={({ detail }) => onChange({ ...draft, at: detail.value })}
          format="hh:mm"
          placeholder="hh:mm"
          disabled={disabled}
        />
      </FormField>
      <FormField label="Time zone" errorText={problemAt(problems, 'zone')}>
        <Select
          selectedOption={{ value: draft.zone }}
          options={zones}
          filteringType="auto"
          filteringPlaceholder="Find a zone"
          virtualScroll
          onChange={({ detail }) => onChange({ ...draft, zone: detail.selectedOption.value ?? 'UTC' })}
          disabled={disabled}
        />
      </FormField>
    </SpaceBetween>
  );
}

function zoneNames(chosen: string): string[] {
  return [...new Set(['UTC', chosen, ...Intl.supportedValuesOf('timeZone')])];
}

const DAY_NAMES: Readonly<Record<(typeof WEEKDAYS)[number], string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

function WeekdayFields({ draft, onChange, problems, disabled }: Properties): ReactElement {
  return (
    <FormField label="Days" errorText={problemAt(problems, 'days')}>
      <SpaceBetween direction="horizontal" size="m">
        {WEEKDAYS.map((day) => (
          <Checkbox
            key={day}
            checked={draft.days.includes(day)}
            onChange={({ detail }) => {
              const others = draft.days.filter((other) => other !== day);
              onChange({ ...draft, days: detail.checked ? [...others, day] : others });
            }}
            disabled={disabled}
          >
            {DAY_NAMES[day]}
          </Checkbox>
        ))}
      </SpaceBetween>
    </FormField>
  );
}

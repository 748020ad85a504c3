import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import type { ReactElement } from 'react';
import { isOfDay, REPORTS, type ReportKind } from './report-kinds.ts';
import { TableSelect } from './table-select.tsx';

/** What is looked at. */
export interface Choice {
  readonly kind: ReportKind;
  /** `2026-11-21`; of a report of a month, any day of it. */
  readonly day: string;
  /** Null: all. */
  readonly table: string | null;
}

interface Properties {
  readonly instance: string;
  readonly choice: Choice;
  readonly onChange: (choice: Choice) => void;
  /** In the user's zone. */
  readonly today: string;
}

/** Which report, of which table, and when. */
export function ReportChoice({ instance, choice, onChange, today }: Properties): ReactElement {
  const { kind, day } = choice;
  const options = REPORTS.map((report) => ({ value: report.kind, label: report.title }));
  const isDay = isOfDay(kind);
  const chooseDay = (text: string): void => {
    // A text that is not whole yet is no day; the field shows what is chosen.
    if (/^\d{4}-\d\d-\d\d$/.test(text)) onChange({ ...choice, day: text });
    if (/^\d{4}-\d\d$/.test(text)) onChange({ ...choice, day: `${text}-01` });
  };
  return (
    <ColumnLayout columns={3}>
      <FormField label="Report">
        <Select
          selectedOption={options.find(({ value }) => value === kind) ?? null}
          options={options}
          onChange={({ detail }) => {
            const chosen = options.find(({ value }) => value === detail.selectedOption.value);
            if (chosen !== undefined) onChange({ ...choice, kind: chosen.value });
          }}
        />
      </FormField>
      <TableSelect instance={instance} table={choice.table} onChoose={(table) => onChange({ ...choice, table })} />
      <FormField label={isDay ? 'Date' : 'Month'} constraintText={isDay ? 'YYYY-MM-DD' : 'YYYY-MM'}>
        <DatePicker
          key={isDay ? 'day' : 'month'}
          value={isDay ? day : day.slice(0, 7)}
          granularity={isDay ? 'day' : 'month'}
          format="iso"
          inputFormat="iso"
          placeholder={isDay ? 'YYYY-MM-DD' : 'YYYY-MM'}
          isDateEnabled={(date) => date.getTime() <= new Date(`${today}T23:59:59`).getTime()}
          onChange={({ detail }) => chooseDay(detail.value)}
          i18nStrings={{
            openCalendarAriaLabel: (chosen) => (chosen === null ? 'Choose' : `Choose, chosen is ${chosen}`),
          }}
        />
      </FormField>
    </ColumnLayout>
  );
}

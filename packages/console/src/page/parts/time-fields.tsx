import type { JSX } from 'preact';
import { Field } from './field.tsx';

export interface TimeInput {
  readonly for: string;
  readonly reason: string;
}

interface TimeFieldsProps {
  readonly value: TimeInput;
  readonly onValue: (value: TimeInput) => void;
}

/** For changes that override records for a time, which leaves them with their owners. */
export function TimeFields({ value, onValue }: TimeFieldsProps): JSX.Element {
  return (
    <fieldset>
      <legend>Only for a time, which also works for records of stacks and in a freeze</legend>
      <Field label="How long: 2h, 30m, 1d" value={value.for} onValue={(next) => onValue({ ...value, for: next })} />
      <Field label="Reason" value={value.reason} onValue={(next) => onValue({ ...value, reason: next })} />
    </fieldset>
  );
}

/** The time of an action; nothing where none was given. */
export function findTime(input: TimeInput): { readonly time?: TimeInput } {
  return input.for === '' && input.reason === '' ? {} : { time: input };
}

import type { JSX } from 'preact';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly type?: 'text' | 'number';
  readonly isRequired?: boolean;
  readonly onValue: (value: string) => void;
}

/** One input of a form, with its label. */
export function Field({ label, value, type = 'text', isRequired = false, onValue }: FieldProps): JSX.Element {
  const take = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => onValue(currentTarget.value);
  return (
    <label class="field">
      {label}
      {type === 'number' ? (
        <input type="number" min={0} step="any" value={value} required={isRequired} onInput={take} />
      ) : (
        <input type="text" value={value} required={isRequired} onInput={take} />
      )}
    </label>
  );
}

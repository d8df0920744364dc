import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup as AriaRadioGroup,
  SearchField as AriaSearchField,
  Select as AriaSelect,
  SelectValue,
  Switch as AriaSwitch,
  Text,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  type CheckboxProps,
  type SearchFieldProps,
  type SwitchProps,
  type TextFieldProps,
} from 'react-aria-components';
import { Icon } from './Icon';

type Common = { label: string; hint?: ReactNode; error?: string | undefined; hideLabel?: boolean };

function Caption({ label, hint, hideLabel }: Common) {
  return (
    <>
      <Label className={hideLabel ? 'visually-hidden' : 'field-label'}>{label}</Label>
      {hint ? (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      ) : null}
    </>
  );
}

/** One line of text; `error` is shown under it and announced. */
export function TextField({
  label,
  hint,
  error,
  hideLabel,
  placeholder,
  mono,
  ...rest
}: Common & Omit<TextFieldProps, 'className' | 'children'> & { placeholder?: string; mono?: boolean }) {
  return (
    <AriaTextField {...rest} isInvalid={Boolean(error)} className="field">
      <Caption label={label} hint={hint} hideLabel={hideLabel} />
      <Input className={`input${mono ? ' mono' : ''}`} placeholder={placeholder} />
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  );
}

/** Several lines of text. */
export function TextArea({
  label,
  hint,
  error,
  hideLabel,
  placeholder,
  rows = 3,
  ...rest
}: Common & Omit<TextFieldProps, 'className' | 'children'> & { placeholder?: string; rows?: number }) {
  return (
    <AriaTextField {...rest} isInvalid={Boolean(error)} className="field">
      <Caption label={label} hint={hint} hideLabel={hideLabel} />
      <AriaTextArea className="input textarea" rows={rows} placeholder={placeholder} />
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  );
}

export function SearchField({
  label,
  placeholder,
  hideLabel = true,
  ...rest
}: Omit<SearchFieldProps, 'className' | 'children'> & { label: string; placeholder?: string; hideLabel?: boolean }) {
  return (
    <AriaSearchField {...rest} className="field search">
      <Label className={hideLabel ? 'visually-hidden' : 'field-label'}>{label}</Label>
      <div className="search-box">
        <Icon name="search" size={18} />
        <Input className="input" placeholder={placeholder} />
        <AriaButton className="search-clear" aria-label="Clear search">
          <Icon name="close" size={16} />
        </AriaButton>
      </div>
    </AriaSearchField>
  );
}

export type Choice<Id extends string = string> = { id: Id; name: string; detail?: string };

/** One of a few, in a list that opens. */
export function Select<Id extends string>({
  label,
  hint,
  error,
  hideLabel,
  choices,
  value,
  onChange,
  isDisabled,
}: Common & { choices: readonly Choice<Id>[]; value: Id | null; onChange: (id: Id) => void; isDisabled?: boolean }) {
  return (
    <AriaSelect
      className="field"
      value={value}
      onChange={(key) => {
        if (key !== null) onChange(key as Id);
      }}
      isInvalid={Boolean(error)}
      isDisabled={isDisabled}
    >
      <Caption label={label} hint={hint} hideLabel={hideLabel} />
      <AriaButton className="input select">
        <SelectValue className="truncate" />
        <Icon name="chevronDown" size={18} />
      </AriaButton>
      <FieldError className="field-error">{error}</FieldError>
      <Popover className="popover select-popover">
        <ListBox className="listbox" items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name} className="listbox-item">
              <Text slot="label">{choice.name}</Text>
              {choice.detail ? (
                <Text slot="description" className="field-hint">
                  {choice.detail}
                </Text>
              ) : null}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** One of a few, all in sight; each choice may carry a line that explains it. */
export function RadioGroup<Id extends string>({
  label,
  hint,
  error,
  hideLabel,
  choices,
  value,
  onChange,
  inline,
}: Common & { choices: readonly Choice<Id>[]; value: Id | null; onChange: (id: Id) => void; inline?: boolean }) {
  return (
    <AriaRadioGroup
      className={`field radios${inline ? ' radios-inline' : ''}`}
      value={value}
      onChange={(id) => onChange(id as Id)}
      isInvalid={Boolean(error)}
    >
      <Caption label={label} hint={hint} hideLabel={hideLabel} />
      <div className="radio-list">
        {choices.map((choice) => (
          <Radio key={choice.id} value={choice.id} className="radio">
            <span className="radio-dot" aria-hidden="true" />
            <span className="stack-0">
              <span className="radio-name">{choice.name}</span>
              {choice.detail ? <span className="field-hint">{choice.detail}</span> : null}
            </span>
          </Radio>
        ))}
      </div>
      <FieldError className="field-error">{error}</FieldError>
    </AriaRadioGroup>
  );
}

export function Checkbox({ children, ...rest }: Omit<CheckboxProps, 'className' | 'children'> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...rest} className="checkbox">
      <span className="checkbox-box" aria-hidden="true">
        <Icon name="check" size={16} />
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}

export function Switch({ children, ...rest }: Omit<SwitchProps, 'className' | 'children'> & { children: ReactNode }) {
  return (
    <AriaSwitch {...rest} className="switch">
      <span className="switch-track" aria-hidden="true">
        <span className="switch-thumb" />
      </span>
      <span>{children}</span>
    </AriaSwitch>
  );
}

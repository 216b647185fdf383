import { FieldInput, type FieldInputProps } from './field-input.tsx';
import { ListInput } from './list-input.tsx';

/** One setting of a node, as its kind describes it. */
export function SettingInput(props: FieldInputProps) {
  if (props.field.type !== 'list') return <FieldInput {...props} />;
  return <ListInput {...props} value={props.settings[props.field.name] ?? props.field.initial} />;
}

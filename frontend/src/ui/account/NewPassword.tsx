import { useState } from 'react';
import { Button, TextField } from '../kit';
import { useAct } from '../useAct';
import { newPhrase } from './password';

/** A field for a new password, and the offer of one that is made here. */
export function NewPassword({ label = 'Password', value, onChange, error }: { label?: string; value: string; onChange: (text: string) => void; error: string }) {
  const [made, setMade] = useState('');
  const { isActing, trouble, act } = useAct();
  const offer = () =>
    void act(async () => {
      const phrase = await newPhrase();
      setMade(phrase);
      onChange(phrase);
    });
  return (
    <div className="stack-2">
      <TextField
        label={label}
        type="password"
        hint="Four or five words that have nothing to do with each other are good. It never leaves this device."
        value={value}
        onChange={(text) => {
          setMade('');
          onChange(text);
        }}
        error={error || trouble}
        autoComplete="new-password"
        isRequired
      />
      {made ? (
        <p className="small" role="status">
          Write it down until you know it: <strong className="mono made-phrase">{made}</strong>
        </p>
      ) : null}
      <Button size="sm" look="quiet" icon="refresh" isPending={isActing} onPress={offer}>
        {made ? 'Make another phrase' : 'Make a phrase for me'}
      </Button>
    </div>
  );
}

import { useState, type SyntheticEvent } from 'react';
import { Banner, Button, TextField } from '../kit';

const GROUP = 4;

function inGroups(code: string): string[] {
  return code.replace(/[^0-9A-Za-z]/g, '').match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? [];
}

/** Shows the one thing that opens the keys without the password, and goes on only when a part was typed from paper. */
export function RecoveryCode({ code, onConfirmed }: { code: string; onConfirmed: () => void }) {
  const groups = inGroups(code);
  // A last, shorter part holds the check sign alone: it would prove little.
  const whole = groups.filter((group) => group.length === GROUP).length;
  const [asked] = useState(() => (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % Math.max(1, whole));
  const [isWritten, setWritten] = useState(false);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState('');
  const check = (event: SyntheticEvent) => {
    event.preventDefault();
    if (typed.trim().toUpperCase() === groups[asked]?.toUpperCase()) onConfirmed();
    else setError('That is not what stands there. Look at your paper again.');
  };
  if (!isWritten)
    return (
      <div className="stack">
        <Banner tone="wait" title="Write this down on paper now">
          With this code you get back in if you forget your password. Nobody can make you a new one: not your organisation, not us.
        </Banner>
        <ol className="recovery-code" aria-label="Recovery code">
          {groups.map((group, index) => (
            <li key={index}>
              <span className="recovery-number">{index + 1}</span>
              <span className="mono">{group}</span>
            </li>
          ))}
        </ol>
        <Button wide icon="file" onPress={() => window.print()}>
          Print it
        </Button>
        <Button look="primary" size="lg" wide onPress={() => setWritten(true)}>
          I have written it down
        </Button>
      </div>
    );
  return (
    <form className="stack" onSubmit={check}>
      <TextField
        label={`Type part ${asked + 1} of your recovery code`}
        hint={`Four characters, next to the number ${asked + 1}.`}
        value={typed}
        onChange={(text) => {
          setTyped(text);
          setError('');
        }}
        error={error}
        autoComplete="off"
        mono
        isRequired
      />
      <Button type="submit" look="primary" size="lg" wide>
        Continue
      </Button>
      <Button look="quiet" wide onPress={() => setWritten(false)}>
        Show the code again
      </Button>
    </form>
  );
}

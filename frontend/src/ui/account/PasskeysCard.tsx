import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { momentOf } from '../../model/words';
import type { PasskeyOut } from '../../wire.gen';
import { Badge, Banner, Button, Card, Spinner, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import { Codes } from './SecondFactor';

function Add({ onDone }: { onDone: () => void }) {
  const { session } = useModel();
  const [password, setPassword] = useState('');
  const [name, setName] = useState('This device');
  const [codes, setCodes] = useState<string[]>([]);
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => {
      const added = await session.addPasskey(password, name.trim());
      setPassword('');
      setCodes(added.codes);
      onDone();
      if (added.opensKeys) toast('Your passkey signs you in and opens your keys.', 'good');
    });
  };
  if (codes.length) return <Codes codes={codes} onDone={() => setCodes([])} />;
  return (
    <details>
      <summary>Add a passkey</summary>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <TextField label="Name of the passkey" value={name} onChange={setName} isRequired />
        <TextField label="Your password" hint="So that nobody adds one at a screen you left" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
        <Button type="submit" icon="key" isPending={isActing}>
          Add the passkey
        </Button>
      </form>
    </details>
  );
}

function Remove({ passkey, onDone }: { passkey: PasskeyOut; onDone: () => void }) {
  const { session } = useModel();
  const [password, setPassword] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(() => session.removePasskey(password, passkey.id)).then((done) => {
      if (!done) return;
      toast(`The passkey ${passkey.name} is removed.`, 'good');
      onDone();
    });
  };
  return (
    <details>
      <summary className="small">Remove {passkey.name}</summary>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <TextField label="Your password" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
        <Button type="submit" look="danger-quiet" isPending={isActing}>
          Remove {passkey.name}
        </Button>
      </form>
    </details>
  );
}

/** One's passkeys: what each can do, another, and away with one. */
export function PasskeysCard() {
  const { session } = useModel();
  const cache = useQueryClient();
  const found = useQuery({ queryKey: ['passkeys'], queryFn: () => session.passkeys() });
  const again = () => {
    void cache.invalidateQueries({ queryKey: ['passkeys'] });
    void cache.invalidateQueries({ queryKey: ['second-factor'] });
  };
  return (
    <Card as="section" label="Passkeys">
      <div className="stack">
        <h2>Passkeys</h2>
        <p className="muted">
          Your fingerprint, your face or the code of your device, instead of the password. With a passkey, your password alone no longer signs you in: it asks for the passkey, or for a recovery code of your second factor.
        </p>
        {found.isPending ? <Spinner /> : null}
        <ul className="device-list" aria-label="Your passkeys">
          {(found.data ?? []).map((passkey) => (
            <li key={passkey.id} className="stack-2">
              <span className="row-between">
                <span className="strong">{passkey.name}</span>
                <Badge tone={passkey.opens_keys ? 'good' : 'plain'}>{passkey.opens_keys ? 'Opens your keys' : 'Signs in only'}</Badge>
              </span>
              {passkey.opens_keys ? null : (
                <span className="small">This passkey keeps no secret that could open your keys. After it signed you in, your password opens them.</span>
              )}
              <span className="small muted">
                Added {momentOf(passkey.created)}
                {passkey.last_used ? `, last used ${momentOf(passkey.last_used)}` : ''}
              </span>
              <Remove passkey={passkey} onDone={again} />
            </li>
          ))}
        </ul>
        {session.knowsPasskeys ? <Add onDone={again} /> : <p className="small">This browser cannot make passkeys.</p>}
      </div>
    </Card>
  );
}

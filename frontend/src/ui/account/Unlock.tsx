import { Link } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { Banner, Button, Checkbox, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { AccountFrame } from './Frame';

const LOCKED = 'You are signed in. Your password opens your keys, which were forgotten when the page closed.';
const ONLY = {
  passkey: 'Your passkey signed you in, but it keeps no secret that could open your keys. Your password opens them.',
  provider: 'Your organisation has said who you are. It does not have your keys: your password or your passkey opens them.',
};
const OFFLINE = 'Your password opens what this device has, for reading and for writing. What you write is sent when the connection is back.';

/** After a reload the session still stands, but the keys were only in memory: the password opens them again. */
export function UnlockPage({ name, email, isOffline }: { name: string; email: string; isOffline: boolean }) {
  const { session } = useModel();
  const signedInOnly = useValue(session.signedInOnly);
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(() => session.unlock(password, remember));
  };
  return (
    <AccountFrame title={isOffline ? 'No connection' : `Welcome back, ${name || email}`} lead={isOffline ? OFFLINE : signedInOnly ? 'You are signed in.' : LOCKED}>
      <form className="stack" onSubmit={submit}>
        {signedInOnly ? (
          <Banner tone="info" icon="key" live>
            {ONLY[signedInOnly]}
          </Banner>
        ) : null}
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        <TextField label="Password" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
        {isOffline ? null : (
          <Checkbox isSelected={remember} onChange={setRemember}>
            Remember this device for 12 hours <span className="muted">(not on a shared computer)</span>
          </Checkbox>
        )}
        <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
          Unlock
        </Button>
        {session.knowsPasskeys && signedInOnly !== 'passkey' && !isOffline ? (
          <Button wide icon="key" onPress={() => void act(() => session.unlockWithPasskey(remember))}>
            Use your passkey
          </Button>
        ) : null}
        <Button look="quiet" wide onPress={() => void act(() => session.signOut())}>
          Sign out instead
        </Button>
      </form>
      {isOffline ? null : (
        <p className="small">
          <Link to="/recover">Forgotten your password? The recovery code opens your keys too.</Link>
        </p>
      )}
    </AccountFrame>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { Banner, Button, Card, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { NewPassword } from './NewPassword';
import { passwordTrouble } from './password';
import { RecoveryCode } from './RecoveryCode';

function ChangePassword({ email }: { email: string }) {
  const { session } = useModel();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [weak, setWeak] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => {
      const found = await passwordTrouble(password, [email]);
      setWeak(found);
      if (found) return;
      await session.changePassword(current, password);
      setCurrent('');
      setPassword('');
      toast('Your password is changed. Your other sessions were ended.', 'good');
    });
  };
  return (
    <details>
      <summary>Change the password</summary>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        <TextField label="Current password" type="password" autoComplete="current-password" value={current} onChange={setCurrent} isRequired />
        <NewPassword
          label="New password"
          value={password}
          onChange={(text) => {
            setPassword(text);
            setWeak('');
          }}
          error={weak}
        />
        <Button type="submit" isPending={isActing}>
          Change the password
        </Button>
      </form>
    </details>
  );
}

function NewCode() {
  const { session } = useModel();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => setCode(await session.changeRecoveryCode(password))).then((done) => (done ? setPassword('') : undefined));
  };
  if (code)
    return (
      <RecoveryCode
        code={code}
        onConfirmed={() => {
          setCode('');
          toast('Only the new recovery code counts now. Destroy the old one.', 'good');
        }}
      />
    );
  return (
    <details>
      <summary>Get a new recovery code</summary>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <p className="muted">When you cannot find your paper, or somebody else may have seen it. The old code opens nothing from then on.</p>
        <TextField label="Your password" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
        <Button type="submit" isPending={isActing}>
          Make a new code
        </Button>
      </form>
    </details>
  );
}

/** What the officer of an organisation's root compares before certifying: by the key in this vault, not the server's word. */
function OwnFingerprint() {
  const { session } = useModel();
  const gen = useValue(session.me)?.gen;
  const found = useQuery({ queryKey: ['own-fingerprint', gen], queryFn: () => session.ownFingerprint(), gcTime: 0, retry: false });
  if (!found.data) return null;
  return (
    <p className="small muted">
      The fingerprint of your key, for the officer who certifies it: <span className="mono">{found.data}</span>
    </p>
  );
}

/** The ways to one's keys that are words and paper. */
export function KeysCard({ email }: { email: string }) {
  return (
    <Card as="section" label="Password and recovery code">
      <div className="stack">
        <h2>Password and recovery code</h2>
        <p className="muted">Either opens your keys. If you lose every way to them, nobody can open them again: not your organisation, not us.</p>
        <ChangePassword email={email} />
        <NewCode />
        <OwnFingerprint />
      </div>
    </Card>
  );
}
